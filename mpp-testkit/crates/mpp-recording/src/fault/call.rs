//! Brings about the faults that concern a call as a whole.

use std::time::Duration;

use mpp_host::host::Grant;
use mpp_host::sandbox::CallLimits;
use mpp_host::sandbox::kv::{Held, State, StateError, StateTrouble};

use super::{ActiveFault, CallFault};

/// The faults that apply to one call. The call needs a grant of its own, with the faults [on](Self::on) it, and while it runs, the
/// state stays [locked](Self::lock) if a fault says so.
#[derive(Debug)]
pub struct CallFaults<'a>(Vec<(CallFault, &'a ActiveFault)>);

impl<'a> CallFaults<'a> {
    /// Begins a call: returns the faults that apply to it.
    #[must_use]
    pub fn begin(faults: &'a [ActiveFault]) -> Self {
        Self(faults.iter().filter_map(|active| Some((active.for_call()?, active))).collect())
    }

    /// Returns whether no fault applies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the lock of the state if another process is to hold it.
    ///
    /// # Errors
    /// Returns [`StateError`] if the lock cannot be taken.
    pub fn lock(&self, state: Option<&State>) -> Result<Option<Held>, StateError> {
        let is_held = self.0.iter().any(|(fault, _)| *fault == CallFault::KvBusy);
        state.filter(|_| is_held).map(State::hold).transpose()
    }

    /// Returns the grant with the faults, and with `limits` as far as no fault lowers them.
    pub fn on(&self, mut grant: Grant, mut limits: CallLimits) -> Grant {
        for (fault, active) in &self.0 {
            match fault {
                CallFault::KvFull => grant = grant.state_trouble(StateTrouble::Full),
                CallFault::KvDiskFull => grant = grant.state_trouble(StateTrouble::DiskFull),
                CallFault::KvBusy => grant = grant.state_trouble(StateTrouble::Impatient),
                CallFault::DiskFull => grant = grant.disk_full(active.disk()),
                CallFault::Memory(bytes) => limits.memory = limits.memory.min(*bytes),
                CallFault::Time => limits.timeout = Duration::ZERO,
            }
        }
        grant.limits(limits)
    }
}
