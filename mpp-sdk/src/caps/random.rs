//! Cryptographically secure random bytes from the host.
//!
//! In a test that sets a seed, each call of the tool gets the same bytes.

use crate::{abi, error::Error};

/// Fills `bytes` with random bytes.
///
/// # Errors
/// The operating system has none: `no_randomness`, retryable.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    if abi::fill_random(bytes) { Ok(()) } else { Err(none()) }
}

/// Returns an array of random bytes.
///
/// ```
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// let token: [u8; 16] = mpp_sdk::random::bytes()?;
/// assert_ne!(token, mpp_sdk::random::bytes()?);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`fill`].
pub fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Returns a random 64-bit number.
///
/// # Errors
/// As [`fill`].
pub fn u64() -> Result<u64, Error> {
    bytes().map(u64::from_le_bytes)
}

#[inline(never)]
fn none() -> Error {
    Error::new("no_randomness", "the operating system returned no random bytes").retryable()
}
