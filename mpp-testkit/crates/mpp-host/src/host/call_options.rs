//! The options of a call.

use crate::policy::ToolClearance;
use crate::sandbox::CancelHandle;

/// Options of one call, besides the tool's name and the arguments.
#[derive(Debug, Default)]
#[must_use]
pub struct CallOptions {
    pub(super) clearance: Option<ToolClearance>,
    pub(super) cancel: Option<CancelHandle>,
}

impl CallOptions {
    /// Returns options without a clearance and without a cancel handle.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the decision that the tool may be called.
    pub fn clearance(mut self, clearance: impl Into<Option<ToolClearance>>) -> Self {
        self.clearance = clearance.into();
        self
    }

    /// Sets the handle that cancels the call. The call holds a clone of `handle`.
    pub fn cancel(mut self, handle: &CancelHandle) -> Self {
        self.cancel = Some(handle.clone());
        self
    }
}
