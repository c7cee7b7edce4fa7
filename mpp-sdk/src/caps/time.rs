//! The host's clock.
//!
//! In the sandbox it is the clock of [`SystemTime::now`] too. In a test that runs the tool natively it is the test's
//! clock, which the standard library does not read: use this module to get the same time in both.

use std::time::SystemTime;

use crate::abi;

/// Returns the current time.
///
/// ```
/// let seconds = mpp_sdk::time::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
/// assert!(seconds > 1_700_000_000);
/// ```
#[must_use]
pub fn now() -> SystemTime {
    abi::now()
}
