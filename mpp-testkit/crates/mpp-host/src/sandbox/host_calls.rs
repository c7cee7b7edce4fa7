//! What one call may do through the host functions of `mpp_v1`, and what it did.
//!
//! A guest calls with pointers into its own memory and gets a number: the result, or one of the negative numbers of
//! [`Status`](mpp_sdk::wire::Status). Bytes of any length (a value, a response, the sentence that explains a negative number)
//! wait on the host's side as the *reply*: `reply_len` returns its length, `reply_take` copies it. So a guest needs to export
//! no allocator and to guess no length. One reply waits at a time; the next host function replaces it.
//!
//! *Invariant:* a capability that was not granted is denied with a status, never with a missing import: modules always link.

use std::ops::DerefMut;
use std::time::Duration;

use mpp_sdk::wire::{ErrorKind, RpcError};
use wasmtime::{Caller, Extern, Memory};

use super::access_log::AccessLog;
use super::cancel::Cancellation;
use super::failure::Failure;
use super::guest_memory::GuestMemory;
use super::kv::{KvCall, RollbackReason};
use super::network::CallNetwork;
use super::stop::Stop;
use crate::clock::Deadline;
use crate::codes::Remedy;

/// The import module.
pub(crate) const MODULE: &str = "mpp_v1";

/// What one call may do through host functions, and what it did.
#[derive(Default)]
pub(crate) struct HostCalls {
    /// Where the package declares hosts.
    pub(crate) network: Option<CallNetwork>,
    /// Which declared paths it used, and whether it read its environment.
    pub(crate) accesses: AccessLog,
    /// When the call ends.
    deadline: Deadline,
    /// What ends it earlier.
    cancellation: Cancellation,
    /// The package's state, where it was granted.
    pub(crate) kv: Option<KvCall>,
    reply: Vec<u8>,
    memory: Option<Memory>,
}

/// The state of a store that has host functions.
pub(crate) trait HasHostCalls {
    /// How they are borrowed.
    type Calls<'a>: DerefMut<Target = HostCalls>
    where
        Self: 'a;

    /// This call's.
    fn host_calls(&mut self) -> Self::Calls<'_>;
}

impl HostCalls {
    /// The host calls of one call, which has not started yet.
    pub(crate) fn new(cancellation: Cancellation) -> Self {
        Self { cancellation, ..Self::default() }
    }

    /// What ends the call before its time.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// The call starts now and may take `timeout`.
    pub(crate) fn start(&mut self, timeout: Duration) {
        self.deadline = Deadline::after(timeout);
    }

    /// What waits for `reply_take`.
    pub(crate) fn set_reply(&mut self, reply: impl Into<Vec<u8>>) {
        self.reply = reply.into();
    }

    /// The length of what waits for `reply_take`.
    pub(crate) fn reply_len(&self) -> i32 {
        i32::try_from(self.reply.len()).unwrap_or(i32::MAX)
    }

    /// Takes what waits, as `reply_take` does.
    pub(crate) fn take_reply(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply)
    }

    /// Leaves the sentence as the reply and gives the number.
    pub(crate) fn fail(&mut self, (status, sentence): Failure) -> i32 {
        self.set_reply(sentence);
        status as i32
    }

    /// The last thing that was refused to the tool, as the host reports it.
    pub(crate) fn denied(&self) -> Option<RpcError> {
        let denial = self.network.as_ref()?.denial.as_ref()?;
        let error = RpcError::new(ErrorKind::CapabilityDenied, denial.sentence())
            .with("capability", "network")
            .with("host", denial.host.as_str())
            .with("help", denial.help());
        let error = match &denial.remedy {
            Some(Remedy::DeclareHost { line, .. }) => error.with("manifest", line.as_str()),
            _ => error,
        };
        Some(match &denial.remedy {
            Some(remedy) => remedy.add_to(error),
            None => error,
        })
    }

    /// Whether the call is as if it had not been made, but for a race about its state: nothing was sent anywhere.
    pub(crate) fn lost_a_race_only(&self) -> bool {
        let sent_nothing = self.network.as_ref().is_none_or(|network| network.contacted.is_empty());
        sent_nothing && self.kv.as_ref().and_then(KvCall::rollback) == Some(&RollbackReason::LostRace)
    }

    /// How long the call may still take.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.remaining()
    }

    /// So much of the call's time has passed, by what stands in for the wire: the call ends that much earlier.
    pub(crate) fn spend(&mut self, time: Duration) {
        self.deadline = self.deadline.earlier(time);
    }

    /// When the call ends.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }
}

/// The guest's memory and the call's state.
pub(crate) fn view<'a, T: HasHostCalls>(
    guest: &'a mut Caller<'_, T>,
    function: &'static str,
) -> Result<(GuestMemory<'a>, T::Calls<'a>), Stop> {
    let known = guest.data_mut().host_calls().memory;
    let memory = match known {
        Some(memory) => memory,
        None => {
            let memory = guest.get_export("memory").and_then(Extern::into_memory).ok_or(Stop::NoMemory)?;
            guest.data_mut().host_calls().memory = Some(memory);
            memory
        }
    };
    let (bytes, state) = memory.data_and_store_mut(guest);
    Ok((GuestMemory { bytes, function }, state.host_calls()))
}
