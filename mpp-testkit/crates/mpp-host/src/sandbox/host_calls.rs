//! The state of one call's host functions of `mpp_v1`: what the call may use, and a record of what it used.
//!
//! A guest passes pointers into its own memory and receives a number: the result, or a negative
//! [`Status`](mpp_sdk::wire::Status). Data of variable length (a value, a response, or an error message for a negative
//! number) is kept on the host's side as the *reply*: `reply_len` returns its length, `reply_take` copies it. A guest
//! therefore needs neither to export an allocator nor to guess a length. There is one reply at a time; the next host function
//! replaces it.
//!
//! *Invariant:* a capability that was not granted is denied with a status, never with a missing import: modules always link.

use std::ops::DerefMut;
use std::time::Duration;

use mpp_sdk::wire::RpcError;
use serde_json::{Map, Value};
use wasmtime::{Caller, Extern, Memory};

use super::access_log::{AccessLog, PathDenial};
use super::cancel::Cancellation;
use super::denial::{self, Granted};
use super::effects::Effects;
use super::failure::Failure;
use super::guest_memory::GuestMemory;
use super::kv::{KvCall, RollbackReason};
use super::network::CallNetwork;
use super::stop::Stop;
use crate::clock::Deadline;
use crate::codes::PathAccess;
pub(crate) use crate::host_functions::MODULE;

/// The capabilities that one call may use through host functions, and a record of their use.
#[derive(Default)]
pub(crate) struct HostCalls {
    /// Network access, if the package declares hosts.
    pub(crate) network: Option<CallNetwork>,
    /// Log of the declared paths that were used, and of whether the environment was read.
    pub(crate) accesses: AccessLog,
    /// Announces what the call does outside of its sandbox.
    pub(crate) effects: Effects,
    /// Time at which the call's timeout expires.
    deadline: Deadline,
    /// Ends the call before its timeout.
    cancellation: Cancellation,
    /// Access to the package's state, if it was granted.
    pub(crate) kv: Option<KvCall>,
    reply: Vec<u8>,
    memory: Option<Memory>,
}

/// The state of a store that has host functions.
pub(crate) trait HasHostCalls {
    /// The type through which the host calls are borrowed.
    type Calls<'a>: DerefMut<Target = HostCalls>
    where
        Self: 'a;

    /// Borrows the host calls of this call.
    fn host_calls(&mut self) -> Self::Calls<'_>;
}

impl HostCalls {
    /// Creates the host calls of a call that has not started yet.
    pub(crate) fn new(cancellation: Cancellation) -> Self {
        Self { cancellation, ..Self::default() }
    }

    /// Returns the cancellation of the call.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// Starts the call now, with the given timeout.
    pub(crate) fn start(&mut self, timeout: Duration) {
        self.deadline = Deadline::after(timeout);
    }

    /// Sets the reply that `reply_take` returns.
    pub(crate) fn set_reply(&mut self, reply: impl Into<Vec<u8>>) {
        self.reply = reply.into();
    }

    /// Returns the length of the reply in bytes.
    pub(crate) fn reply_len(&self) -> i32 {
        i32::try_from(self.reply.len()).unwrap_or(i32::MAX)
    }

    /// Takes the reply, as `reply_take` does.
    pub(crate) fn take_reply(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply)
    }

    /// Sets the failure's message as the reply and returns the number of its status.
    pub(crate) fn fail(&mut self, (status, sentence): Failure) -> i32 {
        self.set_reply(sentence);
        status as i32
    }

    /// Returns the error that the host reports for a denial that the tool passes on, if there was one. `claim` is the data of the
    /// tool's error, which may name a variable or a path; without one, the most recent denial is meant. `granted` are the
    /// capabilities of the package and the variables that it was given.
    pub(crate) fn denied(&self, claim: &Map<String, Value>, granted: &Granted<'_>) -> Option<RpcError> {
        let text = |member: &str| claim.get(member).and_then(Value::as_str);
        if let Some(name) = text("variable") {
            return denial::of_variable(name, granted);
        }
        if let Some(path) = text("path") {
            let access = self.accesses.refused_paths.get(path).copied().unwrap_or(PathAccess::Read);
            let denial = PathDenial { path: path.to_owned(), access, declared: None };
            if granted.may_be_undeclared(path) {
                return Some(denial::of_path(&denial, granted));
            }
            // The tool may mean a change of what is declared for reading only.
            if let Some(declared) = granted.read_only_above(path).filter(|_| access == PathAccess::Write) {
                let denial = PathDenial { declared: Some(declared.to_owned()), ..denial };
                return Some(denial::of_path(&denial, granted));
            }
        }
        let of_path = self.accesses.denial.as_ref().map(|denial| denial::of_path(denial, granted));
        let of_host = || self.network.as_ref()?.denial.as_ref().map(denial::of_host);
        of_path.or_else(of_host)
    }

    /// Returns whether the call lost a race for its state and had no other effect: it sent no request.
    pub(crate) fn lost_a_race_only(&self) -> bool {
        let sent_nothing = self.network.as_ref().is_none_or(|network| network.contacted.is_empty());
        sent_nothing && self.kv.as_ref().and_then(KvCall::rollback) == Some(&RollbackReason::LostRace)
    }

    /// Returns the time left until the call's timeout.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.remaining()
    }

    /// Makes the deadline earlier by `time`, which is simulated time that the transport has reported.
    pub(crate) fn spend(&mut self, time: Duration) {
        self.deadline = self.deadline.earlier(time);
    }

    /// Returns the time at which the call's timeout expires.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }
}

/// Returns the guest's memory and the call's host calls.
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
