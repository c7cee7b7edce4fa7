//! The border to the host: what the functions of `mpp_v1` take and give, and what of the world a tool sees besides.
//!
//! In a tool that runs in a sandbox the functions are imports, and the world is WASI's (`guest`). In a native build (a
//! tool's own tests) both are whatever was installed ([`native`]); where nothing was, the functions answer
//! [`Status::Unavailable`] with a sentence, and the world is the process's.

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
    /// Sends a request. See [`crate::http`] for its form. The reply is the response.
    HttpSend {
        /// Head and body.
        request: &'a [u8],
    },
    /// Reads a value; the reply is the value.
    KvGet {
        /// Which.
        key: &'a [u8],
    },
    /// Writes a value.
    KvSet {
        /// Which.
        key: &'a [u8],
        /// What.
        value: &'a [u8],
        /// After how many milliseconds it is gone; 0 for never.
        ttl_ms: u64,
    },
    /// Removes a value; 1 where there was one, else 0.
    KvDelete {
        /// Which.
        key: &'a [u8],
    },
    /// Lists keys in order; the reply is each key after its length (32 bits, little endian).
    KvList {
        /// What they start with.
        prefix: &'a [u8],
        /// Only keys after this one; empty for all.
        after: &'a [u8],
        /// How many at most.
        limit: u32,
    },
    /// Writes a value where another is expected; 1 where it was, else 0.
    KvCompareAndSwap {
        /// Which.
        key: &'a [u8],
        /// What is expected; `None` for no value.
        expected: Option<&'a [u8]>,
        /// What to write; `None` to remove.
        value: Option<&'a [u8]>,
        /// After how many milliseconds it is gone; 0 for never.
        ttl_ms: u64,
    },
    /// Adds to a counter; the reply is its new value (64 bits, little endian, signed).
    KvIncrement {
        /// Which.
        key: &'a [u8],
        /// How much.
        by: i64,
    },
}

/// What a host function answered: a number, and the reply that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked for, or a negative number: a [`Status`].
    pub number: i32,
    /// Bytes; with a negative number the sentence that explains it.
    pub reply: Vec<u8>,
}

impl Answer {
    /// A number of zero or more.
    #[must_use]
    pub fn new(number: i32, reply: impl Into<Vec<u8>>) -> Self {
        Self { number, reply: reply.into() }
    }

    /// A failure.
    #[must_use]
    pub fn failed(status: Status, sentence: impl Into<String>) -> Self {
        Self { number: status as i32, reply: sentence.into().into_bytes() }
    }

    /// The number and the reply, or the failure and its sentence.
    pub(crate) fn into_result(self) -> Result<(i32, Vec<u8>), (Status, String)> {
        if self.number >= 0 {
            return Ok((self.number, self.reply));
        }
        Err((Status::of(self.number), String::from_utf8_lossy(&self.reply).into_owned()))
    }
}
