//! Host functions in a native build: a test installs them for its thread.

use std::cell::RefCell;
use std::sync::Arc;

use super::{Answer, Call, Status};

/// Stands in for the host.
pub trait HostFunctions: Send + Sync {
    /// Answers one call.
    fn call(&self, call: Call<'_>) -> Answer;
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

pub(crate) fn call(call: Call<'_>) -> Answer {
    let installed = INSTALLED.with(|installed| installed.borrow().clone());
    match installed {
        Some(functions) => functions.call(call),
        None => Answer::failed(
            Status::Unavailable,
            "this is a native build, and nothing stands in for the host; run the tool in its sandbox (`mpp run`, or \
             `mpp_testkit::tool!()` in a test)",
        ),
    }
}
