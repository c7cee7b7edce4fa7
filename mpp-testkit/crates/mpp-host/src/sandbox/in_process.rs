//! Runs a call in this process instead of in the sandbox, for tests: with the same checks, but without isolation.
//!
//! The following uses the same code as a sandboxed call: arguments and results are checked against the published schemas,
//! the grant is resolved, `http_send` and `kv_*` apply the same allow-list, quota and transaction, declared files are
//! copied and written back, the response passes the privacy filter, and the call is recorded.
//!
//! The differences: nothing prevents the runner from accessing the rest of this machine, memory is neither counted nor
//! limited, and a directory that is declared read-only can be written.

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
use crate::codes::PathAccess;

/// Handles requests in place of a package's module: see [`Grant::danger_in_process`](crate::host::Grant::danger_in_process).
pub trait InProcess: Send + Sync + fmt::Debug {
    /// Handles one request and returns the bytes that the module would write to stdout.
    ///
    /// Must return before [`Functions::remaining`] reaches zero; a later response is discarded.
    ///
    /// # Errors
    /// Returns [`Stopped`] if the call ended without a response.
    fn run(&self, request: &[u8], functions: &mut Functions<'_>) -> Result<Vec<u8>, Stopped>;
}

/// The reason why an in-process call ended without a response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// The call exceeded its timeout.
    Timeout,
    /// The front end cancelled the call.
    Cancelled,
    /// The tool crashed, for example by panicking.
    Crashed {
        /// Description of the crash, which follows `the tool crashed: ` in the error message.
        reason: String,
        /// Backtrace with one line per frame, innermost first.
        backtrace: Vec<String>,
    },
}

/// The outcome of a host function: a number and its reply.
///
/// The number is the function's result, or a negative [`Status`](mpp_sdk::wire::Status) if it failed; then the reply is an
/// error message.
pub type Answered = Result<(i32, Vec<u8>), Stopped>;

/// The functions that one call may use: those of `mpp_v1`, and the counterparts of what WASI provides.
pub struct Functions<'a> {
    world: &'a GuestWorld,
    places: Vec<(String, PathBuf)>,
    random: RandomBytes,
    stdio: Stdio,
    calls: HostCalls,
}

impl Functions<'_> {
    /// `http_send`: sends a request to a declared host. The reply is the response.
    ///
    /// # Errors
    /// Returns [`Stopped::Timeout`] if the call exceeded its timeout, and [`Stopped::Cancelled`] if it was cancelled.
    pub fn http_send(&mut self, request: &[u8]) -> Answered {
        let number = imports::http_send(&mut self.calls, request);
        self.answered(number)
    }

    /// `kv_get`: reads `key`. The reply is its value.
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
    pub fn kv_get(&mut self, key: &[u8]) -> Answered {
        let number = kv::get(&mut self.calls, key);
        self.answered(number)
    }

    /// `kv_set`: sets `key` to `value`, which expires after `ttl_ms` milliseconds, or never if `ttl_ms` is 0.
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
    pub fn kv_set(&mut self, key: &[u8], value: &[u8], ttl_ms: u64) -> Answered {
        let number = kv::set(&mut self.calls, key, value, ttl_ms);
        self.answered(number)
    }

    /// `kv_delete`: deletes `key`. The number is 1 if the key existed.
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
    pub fn kv_delete(&mut self, key: &[u8]) -> Answered {
        let number = kv::delete(&mut self.calls, key);
        self.answered(number)
    }

    /// `kv_list`: lists up to `limit` keys that start with `prefix` and follow `after`. The number is the count of keys; the
    /// reply contains each key, preceded by its length (32 bits, little endian).
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
    pub fn kv_list(&mut self, prefix: &[u8], after: &[u8], limit: u32) -> Answered {
        let number = kv::list(&mut self.calls, prefix, after, limit);
        self.answered(number)
    }

    /// `kv_compare_and_swap`: sets `key` to `value` if its current value is `expected`. `None` means no value. The number is 1
    /// if the value was replaced.
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
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

    /// `kv_increment`: adds `by` to a counter. The reply is the counter's new value (64 bits, little endian, signed).
    ///
    /// # Errors
    /// Same as [`Functions::http_send`].
    pub fn kv_increment(&mut self, key: &[u8], by: i64) -> Answered {
        let number = kv::increment(&mut self.calls, key, by);
        self.answered(number)
    }

    /// Returns the value of an environment variable that the tool was granted.
    #[must_use]
    pub fn env(&mut self, name: &str) -> Option<&str> {
        self.calls.accesses.variables = true;
        self.world.env.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns the path on this machine that the guest's `path` maps to: below a declared directory, or the call's copy of a
    /// declared file.
    ///
    /// Returns `None` if no declared path contains it, or if it contains `..`.
    #[must_use]
    pub fn place(&mut self, path: &Path) -> Option<PathBuf> {
        if !path.components().any(|component| component == Component::ParentDir) {
            self.calls.accesses.note_guest(path);
            // What the tool does with the path is not observed.
            if self.calls.accesses.is_in_writable(path) && !self.calls.effects.may_happen() {
                return None;
            }
            let within =
                self.places.iter().filter_map(|(guest, place)| Some((guest, place, path.strip_prefix(guest).ok()?)));
            if let Some((_, place, rest)) = within.max_by_key(|(guest, ..)| guest.len()) {
                return Some(if rest.as_os_str().is_empty() { place.clone() } else { place.join(rest) });
            }
        }
        self.calls.accesses.deny(&path.to_string_lossy(), PathAccess::Read);
        None
    }

    /// Returns the wall-clock time of the tool's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.world.clock.wall()
    }

    /// Fills `bytes` from the tool's source of randomness. Returns whether that succeeded.
    #[must_use]
    pub fn fill_random(&mut self, bytes: &mut [u8]) -> bool {
        self.random.fill(bytes).is_ok()
    }

    /// Appends `text` to the call's log, which has the same limit as stderr.
    pub fn log(&mut self, text: &str) {
        self.stdio.write_log(text.as_bytes());
    }

    /// Returns the time left until the call's timeout.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.calls.remaining()
    }

    /// Returns whether the front end has cancelled the call.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.calls.cancellation().is_requested()
    }

    fn answered(&mut self, number: Result<i32, Stop>) -> Answered {
        match number {
            Ok(number) => Ok((number, self.calls.take_reply())),
            Err(Stop::Cancelled) => Err(Stopped::Cancelled),
            // Functions that take bytes instead of pointers end a call for no other reason.
            Err(_) => Err(Stopped::Timeout),
        }
    }
}

impl fmt::Debug for Functions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").finish_non_exhaustive()
    }
}

/// Runs the request with `runner` and returns the same kind of output as a run in the sandbox.
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
        random: RandomBytes::new(world),
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
