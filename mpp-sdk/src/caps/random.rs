//! Random bytes, as the host gives them: fit for keys and tokens.
//!
//! In a test they are the test's, where it gives a seed: the same in each call.

use crate::{Error, abi};

/// Fills `bytes` with random ones.
///
/// # Errors
/// Where the operating system has none: `no_randomness`, retryable.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    if abi::fill_random(bytes) { Ok(()) } else { Err(none()) }
}

/// An array of random bytes.
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

/// A random number out of all that 64 bits can hold.
///
/// # Errors
/// As [`fill`].
pub fn u64() -> Result<u64, Error> {
    bytes().map(u64::from_le_bytes)
}

#[inline(never)]
fn none() -> Error {
    Error::new("no_randomness", "the operating system gave no random bytes").retryable()
}
