//! The announcement of a call's effects: what happens before the first of them, and whether they may happen at all.

use std::sync::Arc;

/// Is told before each effect that a call has outside of its sandbox.
pub(crate) trait Announce: Send + Sync {
    /// Returns whether the effect may happen. If it may not, neither may any later one.
    fn announce(&self) -> bool;
}

/// The effects of one call. Clones belong to the same call.
#[derive(Clone, Default)]
pub(crate) struct Effects(Option<Arc<dyn Announce>>);

/// The message for a tool whose effect may not happen.
pub(crate) const UNRECORDED: &str =
    "the host cannot record the call in its audit log, so that the call may not have effects";

impl Effects {
    /// Returns effects that are announced. By default, they are not.
    pub(crate) fn announced_to(announce: Arc<dyn Announce>) -> Self {
        Self(Some(announce))
    }

    /// Announces an effect, and returns whether it may happen. Must be called before a request is sent, before a file or
    /// directory is changed, and before state is committed.
    #[must_use]
    pub(crate) fn may_happen(&self) -> bool {
        self.0.as_ref().is_none_or(|announce| announce.announce())
    }
}
