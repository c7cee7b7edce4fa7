//! Runs a call in this process instead of in the sandbox, for tests: behind the same checks, without the wall.
//!
//! What is the same, because it is the same code: arguments and results are checked against the published schemas, the
//! grant is resolved, `http_send` and `kv_*` go through the same allow-list, quota and transaction, declared files are
//! copied and put back, the answer passes the privacy filter, the call is recorded.
//!
//! What is not: nothing keeps the runner from the rest of this machine, memory is neither counted nor limited, and a
//! declared directory that may only be read can be written.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::filesystem::CallFiles;
use super::guest::{GuestWorld, RandomBytes};
use super::host_calls::HostCalls;
use super::imports;
use super::kv::functions as kv;
use super::limits::CallLimits;
use super::run::{Ended, RawOutput};
use super::stdio::Stdio;
use super::stop::Stop;

/// Does what a package's module would do in the sandbox: see [`Grant::danger_in_process`](crate::host::Grant::danger_in_process).
pub trait InProcess: Send + Sync + fmt::Debug {
    /// Answers one request with what the module would write to stdout. It must come back when
    /// [`Functions::remaining`] is over; what it answers later does not count.
    ///
    /// # Errors
    /// [`Stopped`] says why there is no answer.
    fn run(&self, request: &[u8], functions: &mut Functions<'_>) -> Result<Vec<u8>, Stopped>;
}

/// Why a call in process ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// The call's time is over.
    Timeout,
    /// The front end cancelled the call.
    Cancelled,
    /// The tool panicked, for instance.
    Crashed {
        /// What happened, to stand after `the tool crashed: `.
        reason: String,
        /// One line a frame, innermost first.
        backtrace: Vec<String>,
    },
}

/// What a host function answers: a number (what was asked for, or a negative [`Status`](mpp_sdk::wire::Status)) and the
/// reply that goes with it; with a negative number, the sentence that explains it.
pub type Answered = Result<(i32, Vec<u8>), Stopped>;

/// What one call may use: the functions of `mpp_v1`, and what WASI would give it.
pub struct Functions<'a> {
    world: &'a GuestWorld,
    places: Vec<(String, PathBuf)>,
    random: RandomBytes,
    stdio: Stdio,
    calls: HostCalls,
}

impl Functions<'_> {
    /// `http_send`: a request to a declared host; the reply is the response.
    ///
    /// # Errors
    /// [`Stopped::Timeout`] where the call's time is over, here as in every other function.
    pub fn http_send(&mut self, request: &[u8]) -> Answered {
        let number = imports::http_send(&mut self.calls, request);
        self.answered(number)
    }

    /// `kv_get`: the reply is the value of `key`.
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_get(&mut self, key: &[u8]) -> Answered {
        let number = kv::get(&mut self.calls, key);
        self.answered(number)
    }

    /// `kv_set`: writes a value, which is gone after `ttl_ms` milliseconds where that is not 0.
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_set(&mut self, key: &[u8], value: &[u8], ttl_ms: u64) -> Answered {
        let number = kv::set(&mut self.calls, key, value, ttl_ms);
        self.answered(number)
    }

    /// `kv_delete`: 1 where there was such a key.
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_delete(&mut self, key: &[u8]) -> Answered {
        let number = kv::delete(&mut self.calls, key);
        self.answered(number)
    }

    /// `kv_list`: how many keys; the reply is each after its length (32 bits, little endian).
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_list(&mut self, prefix: &[u8], after: &[u8], limit: u32) -> Answered {
        let number = kv::list(&mut self.calls, prefix, after, limit);
        self.answered(number)
    }

    /// `kv_compare_and_swap`: 1 where `expected` was there and `value` is now; `None` stands for no value.
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_compare_and_swap(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        ttl_ms: u64,
    ) -> Answered {
        let number = kv::compare_and_swap(&mut self.calls, key, expected, value, ttl_ms);
        self.answered(number)
    }

    /// `kv_increment`: the reply is the counter's new value (64 bits, little endian, signed).
    ///
    /// # Errors
    /// As [`Functions::http_send`].
    pub fn kv_increment(&mut self, key: &[u8], by: i64) -> Answered {
        let number = kv::increment(&mut self.calls, key, by);
        self.answered(number)
    }

    /// The value of a variable that the tool was given.
    #[must_use]
    pub fn env(&mut self, name: &str) -> Option<&str> {
        self.calls.accesses.variables = true;
        self.world.env.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Where on this machine the guest's `path` is: below a declared directory, or the call's copy of a declared file. `None`
    /// where nothing is declared that it could be in, and for a path with `..` in it.
    #[must_use]
    pub fn place(&mut self, path: &Path) -> Option<PathBuf> {
        if path.components().any(|component| component == Component::ParentDir) {
            return None;
        }
        self.calls.accesses.note_guest(path);
        let within =
            self.places.iter().filter_map(|(guest, place)| Some((guest, place, path.strip_prefix(guest).ok()?)));
        let (_, place, rest) = within.max_by_key(|(guest, ..)| guest.len())?;
        Some(if rest.as_os_str().is_empty() { place.clone() } else { place.join(rest) })
    }

    /// Wall-clock time, as the tool is to see it.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.world.clock.wall()
    }

    /// Random bytes, as the tool is to see them; whether there were any.
    #[must_use]
    pub fn fill_random(&mut self, bytes: &mut [u8]) -> bool {
        self.random.fill(bytes).is_ok()
    }

    /// Adds to the call's log, which has the limit that stderr has.
    pub fn log(&mut self, text: &str) {
        self.stdio.write_log(text.as_bytes());
    }

    /// How long the call may still take.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.calls.remaining()
    }

    /// Whether the front end has cancelled the call.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.calls.cancellation().is_requested()
    }

    fn answered(&mut self, number: Result<i32, Stop>) -> Answered {
        match number {
            Ok(number) => Ok((number, self.calls.take_reply())),
            Err(Stop::Cancelled) => Err(Stopped::Cancelled),
            // No function that takes bytes ends a call for another reason.
            Err(_) => Err(Stopped::Timeout),
        }
    }
}

impl fmt::Debug for Functions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").finish_non_exhaustive()
    }
}

/// Has `runner` answer, and leaves behind what a run in the sandbox would.
pub(crate) fn run(
    runner: &dyn InProcess,
    request: Arc<[u8]>,
    limits: &CallLimits,
    world: &GuestWorld,
    files: Option<&CallFiles<'_>>,
    mut calls: HostCalls,
) -> RawOutput {
    calls.start(limits.timeout);
    let mut functions = Functions {
        world,
        places: files.map(CallFiles::on_this_machine).unwrap_or_default(),
        random: RandomBytes::new(world.randomness),
        stdio: Stdio::new(Arc::clone(&request), limits.output, limits.log),
        calls,
    };
    let answered = runner.run(&request, &mut functions);
    let is_late = functions.remaining().is_zero();
    let is_cancelled = functions.is_cancelled();
    let Functions { mut stdio, calls, .. } = functions;
    let ended = match answered {
        _ if is_cancelled => Ended::Cancelled,
        Err(Stopped::Cancelled) => Ended::Cancelled,
        Ok(_) if is_late => Ended::Timeout { backtrace: Vec::new() },
        Ok(output) => stdio.write_output(&output).map_or(Ended::Output, |()| Ended::Done),
        Err(Stopped::Timeout) => Ended::Timeout { backtrace: Vec::new() },
        Err(Stopped::Crashed { reason, backtrace }) => Ended::Crashed { reason, backtrace },
    };
    let (output, log) = stdio.into_parts();
    RawOutput { ended, output, log, memory_peak: 0, host_calls: calls }
}
