//! State that outlives a call: keys and values that the host stores for this package alone.
//!
//! Declare it in `Cargo.toml`, with the maximum size of all keys and values together:
//!
//! ```toml
//! [package.metadata.mpp]
//! capabilities = { kv = { max_bytes = 1048576 } }
//! ```
//!
//! One call of a tool is one transaction. It reads a snapshot of the state. Its writes are committed together when the tool
//! returns a result, and discarded when it returns an error, exceeds a limit or crashes, so a tool never has to undo a
//! write:
//!
//! ```no_run
//! use mpp_sdk::kv;
//!
//! #[mpp_sdk::data]
//! struct Account { owner: String, cents: i64 }
//!
//! fn pay(from: &str, to: &str, cents: i64) -> Result<i64, mpp_sdk::Error> {
//!     let mut payer: Account = kv::get_json(from)?.ok_or("the account does not exist")?;
//!     let mut payee: Account = kv::get_json(to)?.ok_or("the account does not exist")?;
//!     payer.cents -= cents;
//!     payee.cents += cents;
//!     kv::set_json(from, &payer)?;
//!     kv::set_json(to, &payee)?;
//!     if payer.cents < 0 {
//!         // The error discards both writes.
//!         return Err("the balance is too low".into());
//!     }
//!     kv::increment("payments", 1)?;
//!     Ok(payer.cents)
//! }
//! ```
//!
//! Transactions are serializable. If two concurrent calls conflict, one of them is repeated by the host, or fails with
//! `state_conflict`, after which the caller may repeat it.
//!
//! A key is 1 to 1024 bytes; use text with `/` between its parts, so that [`list`] can select related keys. A value is up
//! to 16 MiB of bytes; [`set_json`] and [`get_json`] convert any type that serde supports.

mod error;
mod keys;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::Error;
pub use keys::{Keys, MAX_PAGE};

use crate::{
    abi::{self, Answer, Call, Status},
    open,
};

/// Returns the value of `key`; `None` if the key does not exist.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// if let Some(bytes) = mpp_sdk::kv::get("last_report")? {
///     eprintln!("{} bytes", bytes.len());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error`]
pub fn get(key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, Error> {
    match abi::call(Call::KvGet { key: key.as_ref() }).into_result() {
        Ok((_, value)) => Ok(Some(value)),
        Err((Status::NotFound, _)) => Ok(None),
        Err(failure) => Err(Error::of(failure)),
    }
}

/// Deserializes the value of `key`, which [`set_json`] wrote; `None` if the key does not exist.
///
/// ```no_run
/// #[mpp_sdk::data]
/// struct Settings { language: String }
///
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// let settings: Option<Settings> = mpp_sdk::kv::get_json("settings")?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error`]; [`Error::Invalid`] if the value is not JSON, or not a `T`.
pub fn get_json<T: DeserializeOwned>(key: impl AsRef<[u8]>) -> Result<Option<T>, Error> {
    let key = key.as_ref();
    let Some(value) = get(key)? else { return Ok(None) };
    match open::read(&value) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Error::not_json("deserialized from", key, &error)),
    }
}

/// Sets `key` to `value`, without an expiry.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// mpp_sdk::kv::set("last_report", b"total,20")?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error`]; after [`Error::Full`] and [`Error::TooLarge`] the state is unchanged.
pub fn set(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
    write(key.as_ref(), value.as_ref(), 0)
}

/// Sets `key` to `value`, which expires after `ttl` (with a precision of milliseconds).
///
/// A value does not expire while the call that wrote it runs.
///
/// ```no_run
/// use std::time::Duration;
/// # fn fetch() -> Result<Vec<u8>, mpp_sdk::Error> { Ok(Vec::new()) }
/// # fn rates() -> Result<Vec<u8>, mpp_sdk::Error> {
/// // Cache the rates for an hour.
/// if let Some(rates) = mpp_sdk::kv::get("rates")? {
///     return Ok(rates);
/// }
/// let rates = fetch()?;
/// mpp_sdk::kv::set_with_ttl("rates", &rates, Duration::from_secs(3600))?;
/// # Ok(rates) }
/// ```
///
/// # Errors
/// As [`set`].
pub fn set_with_ttl(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, ttl: Duration) -> Result<(), Error> {
    write(key.as_ref(), value.as_ref(), milliseconds(ttl))
}

/// Sets `key` to a value serialized as JSON, without an expiry.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// mpp_sdk::kv::set_json("languages", &["en", "de"])?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`set`]; [`Error::Invalid`] if the value does not serialize.
pub fn set_json(key: impl AsRef<[u8]>, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    let key = key.as_ref();
    write(key, &json(key, value)?, 0)
}

/// Sets `key` to a value serialized as JSON, which expires after `ttl`.
///
/// # Errors
/// As [`set_json`].
pub fn set_json_with_ttl(key: impl AsRef<[u8]>, value: &(impl Serialize + ?Sized), ttl: Duration) -> Result<(), Error> {
    let key = key.as_ref();
    write(key, &json(key, value)?, milliseconds(ttl))
}

/// Deletes `key`, and returns whether it existed.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// let existed = mpp_sdk::kv::delete("last_report")?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error`]
pub fn delete(key: impl AsRef<[u8]>) -> Result<bool, Error> {
    number(abi::call(Call::KvDelete { key: key.as_ref() })).map(|removed| removed != 0)
}

/// Returns an iterator over the keys that start with `prefix` (`""` for all), ordered by their bytes.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// for key in mpp_sdk::kv::list("note/") {
///     let text = mpp_sdk::kv::get(key?)?;
/// }
/// # Ok(()) }
/// ```
///
/// The iterator fetches keys page by page and sees writes that the same call makes meanwhile.
pub fn list(prefix: impl Into<Vec<u8>>) -> Keys {
    Keys::new(prefix.into())
}

/// Returns one page of [`list`]: at most `limit` keys (1 to [`MAX_PAGE`]) after the key `after`.
///
/// # Errors
/// [`Error`]; [`Error::Invalid`] if `limit` is out of range.
pub fn list_page(prefix: impl AsRef<[u8]>, after: Option<&[u8]>, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
    keys::page(prefix.as_ref(), after.unwrap_or_default(), limit)
}

/// Sets `key` to `new` if its value is `expected`, and returns whether it was. `None` means that the key does not exist:
/// as `expected` it only creates the key, as `new` it deletes the key.
///
/// Within one call, [`get`] and [`set`] are just as safe, since a call is a transaction. Use this function across calls,
/// for example to save an edit only if the value is still the one that the user saw:
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// if !mpp_sdk::kv::compare_and_swap("note/1", Some(b"old text"), Some(b"new text"))? {
///     return Err("the note has changed; read it again".into());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`set`].
pub fn compare_and_swap(key: impl AsRef<[u8]>, expected: Option<&[u8]>, new: Option<&[u8]>) -> Result<bool, Error> {
    let call = Call::KvCompareAndSwap { key: key.as_ref(), expected, value: new, ttl_ms: 0 };
    number(abi::call(call)).map(|swapped| swapped != 0)
}

/// Adds `by` to a counter, which starts at 0, and returns its new value. [`get`] returns a counter as decimal text.
///
/// A call that uses this before anything else of its state waits for concurrent calls and does not conflict.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// let calls = mpp_sdk::kv::increment("calls", 1)?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`set`]; [`Error::Invalid`] if the value is not a number, or the sum does not fit into 64 bits.
pub fn increment(key: impl AsRef<[u8]>, by: i64) -> Result<i64, Error> {
    let (_, reply) = abi::call(Call::KvIncrement { key: key.as_ref(), by }).into_result().map_err(Error::of)?;
    let bytes = <[u8; 8]>::try_from(reply).map_err(|_| Error::unreadable())?;
    Ok(i64::from_le_bytes(bytes))
}

fn write(key: &[u8], value: &[u8], ttl_ms: u64) -> Result<(), Error> {
    number(abi::call(Call::KvSet { key, value, ttl_ms })).map(drop)
}

fn number(answer: Answer) -> Result<i32, Error> {
    answer.into_result().map(|(number, _)| number).map_err(Error::of)
}

fn json(key: &[u8], value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::not_json("serialized as", key, &error.to_string()))
}

/// Converts a time to live to at least 1, since 0 means no expiry.
fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
