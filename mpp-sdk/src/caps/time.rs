//! The time, as the host gives it.
//!
//! In the sandbox this is what [`SystemTime::now`] says too. In a test that runs the tool natively it is the test's clock, which
//! the standard library cannot know of: a tool that asks here gives the same answers in both.

use std::time::SystemTime;

use crate::abi;

/// What time it is.
///
/// ```
/// let seconds = mpp_sdk::time::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
/// assert!(seconds > 1_700_000_000);
/// ```
#[must_use]
pub fn now() -> SystemTime {
    abi::now()
}
