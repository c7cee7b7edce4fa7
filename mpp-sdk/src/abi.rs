//! The interface to the host: the functions of `mpp_v1`, and the environment that a tool sees.
//!
//! In a sandboxed tool the functions are imports, and the environment is WASI's (`guest`). In a native build, such as a
//! tool's own tests, both come from the installed implementation ([`native`]). If none is installed, the functions return
//! [`Status::Unavailable`] with a message, and the environment is the process's.

#[cfg(target_family = "wasm")]
mod guest;
#[cfg(not(target_family = "wasm"))]
pub mod native;

#[cfg(target_family = "wasm")]
pub(crate) use guest::{call, env, fill_random, log, now, place};
#[cfg(not(target_family = "wasm"))]
pub(crate) use native::{call, env, fill_random, log, now, place};

pub use crate::wire::Status;

/// One call of a host function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call<'a> {
    /// Sends an HTTP request. The reply is the response.
    HttpSend {
        /// The length of the head, the head, and the body.
        request: &'a [u8],
    },
    /// Reads a value. The reply is the value.
    KvGet {
        /// The key.
        key: &'a [u8],
    },
    /// Sets a value.
    KvSet {
        /// The key.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
        /// Time until the value expires, in milliseconds; 0 for no expiry.
        ttl_ms: u64,
    },
    /// Deletes a value. Returns 1 if there was one, else 0.
    KvDelete {
        /// The key.
        key: &'a [u8],
    },
    /// Lists keys in order. The reply is each key after its length (32 bits, little endian).
    KvList {
        /// Prefix of the keys.
        prefix: &'a [u8],
        /// Only keys after this one are listed; empty for all.
        after: &'a [u8],
        /// Maximum number of keys.
        limit: u32,
    },
    /// Replaces a value if it is the expected one. Returns 1 if it was, else 0.
    KvCompareAndSwap {
        /// The key.
        key: &'a [u8],
        /// The expected value; `None` for no value.
        expected: Option<&'a [u8]>,
        /// The new value; `None` to delete.
        value: Option<&'a [u8]>,
        /// Time until the value expires, in milliseconds; 0 for no expiry.
        ttl_ms: u64,
    },
    /// Adds to a counter. The reply is its new value (64 bits, little endian, signed).
    KvIncrement {
        /// The key.
        key: &'a [u8],
        /// The amount.
        by: i64,
    },
}

/// The return value of a host function, and its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The return value; a negative one is a [`Status`].
    pub number: i32,
    /// The reply; if `number` is negative, a message that explains it.
    pub reply: Vec<u8>,
}

impl Answer {
    /// Creates the answer of a call that succeeded.
    #[must_use]
    pub fn new(number: i32, reply: impl Into<Vec<u8>>) -> Self {
        Self { number, reply: reply.into() }
    }

    /// Creates the answer of a call that failed.
    #[must_use]
    pub fn failed(status: Status, message: impl Into<String>) -> Self {
        Self { number: status as i32, reply: message.into().into_bytes() }
    }

    /// Returns the number and the reply, or the status and its message.
    pub(crate) fn into_result(self) -> Result<(i32, Vec<u8>), (Status, String)> {
        if self.number >= 0 {
            return Ok((self.number, self.reply));
        }
        Err((Status::from_code(self.number), String::from_utf8_lossy(&self.reply).into_owned()))
    }
}
