//! The interface to the host in a native build: a test installs an implementation for its thread.

use std::cell::RefCell;
use std::env::VarError;
use std::fmt::Arguments;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{Answer, Call, Status};

/// An implementation of the host functions, and optionally of the environment, which is otherwise the process's.
pub trait HostFunctions: Send + Sync {
    /// Answers one call of a host function.
    fn call(&self, call: Call<'_>) -> Answer;

    /// Returns the value of an environment variable.
    ///
    /// # Errors
    /// The variable is not set, or is not UTF-8.
    fn env(&self, name: &str) -> Result<String, VarError> {
        std::env::var(name)
    }

    /// Returns the place of the tool's `path`; `None` if it is not declared.
    fn place(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }

    /// Returns the current time.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Fills `bytes` with random bytes, and returns whether there were any.
    fn fill_random(&self, bytes: &mut [u8]) -> bool {
        system_random(bytes)
    }

    /// Writes one line to the log; `line` has no line break at its end.
    fn log(&self, line: Arguments<'_>) {
        crate::handler::log(line);
    }
}

thread_local! {
    static INSTALLED: RefCell<Option<Arc<dyn HostFunctions>>> = const { RefCell::new(None) };
}

/// Uninstalls the implementation when it is dropped.
#[derive(Debug)]
#[must_use = "the host functions are uninstalled when it is dropped"]
pub struct Installed(());

/// Installs `functions` for the calls of this thread.
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
    INSTALLED.with(|installed| installed.borrow().clone()).unwrap_or_else(|| Arc::new(NotInstalled))
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

/// The implementation for a thread without an installed one.
struct NotInstalled;

impl HostFunctions for NotInstalled {
    fn call(&self, _: Call<'_>) -> Answer {
        Answer::failed(
            Status::Unavailable,
            "no host is available in a native build; run the tool in its sandbox, or call it through \
             `mpp_testkit::tool!()` in a test",
        )
    }
}

/// Reads the operating system's random source. A crate for it would be linked into every tool for the sake of tests.
fn system_random(bytes: &mut [u8]) -> bool {
    use std::io::Read;
    std::fs::File::open("/dev/urandom").is_ok_and(|mut source| source.read_exact(bytes).is_ok())
}
