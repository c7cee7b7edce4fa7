//! The border in a native build: a test installs what stands in for the host and for the world, for its thread.

use std::cell::RefCell;
use std::env::VarError;
use std::fmt::Arguments;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{Answer, Call, Status};

/// Stands in for the host, and for the world where it says so: what it leaves out is this process's own.
pub trait HostFunctions: Send + Sync {
    /// Answers one call.
    fn call(&self, call: Call<'_>) -> Answer;

    /// The value of a variable.
    ///
    /// # Errors
    /// Where it is not set, or not UTF-8.
    fn env(&self, name: &str) -> Result<String, VarError> {
        std::env::var(name)
    }

    /// Where the tool's `path` is; `None` where it may have no such path.
    fn place(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }

    /// The time.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Random bytes; whether there were any.
    fn fill_random(&self, bytes: &mut [u8]) -> bool {
        system_random(bytes)
    }

    /// Takes one line of log, without its end.
    fn log(&self, line: Arguments<'_>) {
        crate::handler::log(line);
    }
}

thread_local! {
    static INSTALLED: RefCell<Option<Arc<dyn HostFunctions>>> = const { RefCell::new(None) };
}

/// Removes what [`install`] installed, when it is dropped.
#[derive(Debug)]
#[must_use = "the host functions are removed when it is dropped"]
pub struct Installed(());

/// Makes `functions` answer the calls of this thread.
pub fn install(functions: Arc<dyn HostFunctions>) -> Installed {
    INSTALLED.with(|installed| installed.replace(Some(functions)));
    Installed(())
}

impl Drop for Installed {
    fn drop(&mut self) {
        INSTALLED.with(|installed| installed.replace(None));
    }
}

fn installed() -> Arc<dyn HostFunctions> {
    INSTALLED.with(|installed| installed.borrow().clone()).unwrap_or_else(|| Arc::new(Nobody))
}

pub(crate) fn call(call: Call<'_>) -> Answer {
    installed().call(call)
}

pub(crate) fn env(name: &str) -> Result<String, VarError> {
    installed().env(name)
}

pub(crate) fn place(path: &Path) -> Option<PathBuf> {
    installed().place(path)
}

pub(crate) fn now() -> SystemTime {
    installed().now()
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> bool {
    installed().fill_random(bytes)
}

pub(crate) fn log(line: Arguments<'_>) {
    installed().log(line);
}

/// Where nothing was installed.
struct Nobody;

impl HostFunctions for Nobody {
    fn call(&self, _: Call<'_>) -> Answer {
        Answer::failed(
            Status::Unavailable,
            "this is a native build, and nothing stands in for the host; run the tool in its sandbox (`mpp run`, or \
             `mpp_testkit::tool!()` in a test)",
        )
    }
}

/// Without a crate for it: a native build of a tool is a test.
fn system_random(bytes: &mut [u8]) -> bool {
    use std::io::Read;
    std::fs::File::open("/dev/urandom").is_ok_and(|mut source| source.read_exact(bytes).is_ok())
}
