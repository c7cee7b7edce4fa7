//! State that outlives a call: keys and values, kept by the host for this package and nobody else.
//!
//! Declare it in `Cargo.toml`, with how much there may be (keys and values together):
//!
//! ```toml
//! [package.metadata.mpp]
//! capabilities = { kv = { max_bytes = 1048576 } }
//! ```
//!
//! One call of a tool is one transaction. It sees the state as it is at one moment; what it writes is kept when the tool
//! answers with a result, all of it, and is gone when the tool answers with an error, runs out of time or crashes. So
//! nothing has to be undone by hand:
//!
//! ```no_run
//! use mpp_sdk::kv;
//!
//! #[mpp_sdk::data]
//! struct Account { owner: String, cents: i64 }
//!
//! fn pay(from: &str, to: &str, cents: i64) -> Result<i64, mpp_sdk::Error> {
//!     let mut payer: Account = kv::get_json(from)?.ok_or("there is no such account")?;
//!     let mut payee: Account = kv::get_json(to)?.ok_or("there is no such account")?;
//!     payer.cents -= cents;
//!     payee.cents += cents;
//!     kv::set_json(from, &payer)?;
//!     kv::set_json(to, &payee)?;
//!     if payer.cents < 0 {
//!         // Nothing was paid: what was written above is not kept.
//!         return Err("the account has not enough money".into());
//!     }
//!     kv::increment("payments", 1)?;
//!     Ok(payer.cents)
//! }
//! ```
//!
//! Two calls at the same time never mix. Where both read and then write, one of them has lost a race: it is made again by
//! the host, or answered with `state_conflict`, which says that it may be made again.
//!
//! Keys are any bytes, 1 to 1024 of them; text is best, with `/` between its parts, so that [`list`] finds what belongs
//! together. Values are bytes up to 16 MiB; [`set_json`] and [`get_json`] take anything that serde does.

mod error;
mod keys;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::Error;
pub use keys::{Keys, MAX_PAGE};

use crate::abi::{self, Answer, Call, Status};

/// The value of `key`; `None` where there is no such key.
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

/// The value of `key`, which [`set_json`] wrote; `None` where there is no such key.
///
/// # Errors
/// [`Error`]; [`Error::Invalid`] where the value is not JSON, or not a `T`.
pub fn get_json<T: DeserializeOwned>(key: impl AsRef<[u8]>) -> Result<Option<T>, Error> {
    let key = key.as_ref();
    let Some(value) = get(key)? else { return Ok(None) };
    match serde_json::from_slice(&value) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Error::not_json("read", key, &error)),
    }
}

/// Writes a value, for ever.
///
/// # Errors
/// [`Error`]; [`Error::Full`] and [`Error::TooLarge`] leave everything as it was.
pub fn set(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), Error> {
    write(key.as_ref(), value.as_ref(), 0)
}

/// Writes a value that is gone after `time`, counted in milliseconds.
///
/// Time stands still while a call runs: what a call has written does not expire before its end.
///
/// ```no_run
/// use std::time::Duration;
/// # fn fetch() -> Result<Vec<u8>, mpp_sdk::Error> { Ok(Vec::new()) }
/// # fn rates() -> Result<Vec<u8>, mpp_sdk::Error> {
/// // A cache: an hour old at most.
/// if let Some(rates) = mpp_sdk::kv::get("rates")? {
///     return Ok(rates);
/// }
/// let rates = fetch()?;
/// mpp_sdk::kv::set_for("rates", &rates, Duration::from_secs(3600))?;
/// # Ok(rates) }
/// ```
///
/// # Errors
/// As [`set`].
pub fn set_for(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, time: Duration) -> Result<(), Error> {
    write(key.as_ref(), value.as_ref(), milliseconds(time))
}

/// Writes a value as JSON, for ever.
///
/// # Errors
/// As [`set`]; [`Error::Invalid`] where the value cannot be JSON.
pub fn set_json(key: impl AsRef<[u8]>, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    let key = key.as_ref();
    write(key, &json(key, value)?, 0)
}

/// Writes a value as JSON that is gone after `time`.
///
/// # Errors
/// As [`set_json`].
pub fn set_json_for(key: impl AsRef<[u8]>, value: &(impl Serialize + ?Sized), time: Duration) -> Result<(), Error> {
    let key = key.as_ref();
    write(key, &json(key, value)?, milliseconds(time))
}

/// Removes `key`; whether it was there.
///
/// # Errors
/// [`Error`]
pub fn delete(key: impl AsRef<[u8]>) -> Result<bool, Error> {
    number(abi::call(Call::KvDelete { key: key.as_ref() })).map(|removed| removed != 0)
}

/// The keys that start with `prefix` (`""` for all), in the order of their bytes, page by page as they are asked for.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::kv::Error> {
/// for key in mpp_sdk::kv::list("note/") {
///     let text = mpp_sdk::kv::get(key?)?;
/// }
/// # Ok(()) }
/// ```
///
/// What the same call writes or removes while it lists is seen, like everything else it does.
pub fn list(prefix: impl Into<Vec<u8>>) -> Keys {
    Keys::new(prefix.into())
}

/// One page of [`list`]: at most `limit` keys (1 to [`MAX_PAGE`]) that come after the key `after`.
///
/// # Errors
/// [`Error`]; [`Error::Invalid`] for another `limit`.
pub fn list_page(prefix: impl AsRef<[u8]>, after: Option<&[u8]>, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
    keys::page(prefix.as_ref(), after.unwrap_or_default(), limit)
}

/// Writes `new` where the value is `expected`; whether it was. `None` stands for no value: as `expected` it writes only
/// where there is none, as `new` it removes.
///
/// Within one call a plain [`get`] and [`set`] are just as safe, since a call is a transaction. This is for what goes over
/// several calls: a value that was shown to somebody, and must still be the same when they change it.
///
/// # Errors
/// As [`set`].
pub fn compare_and_swap(key: impl AsRef<[u8]>, expected: Option<&[u8]>, new: Option<&[u8]>) -> Result<bool, Error> {
    let call = Call::KvCompareAndSwap { key: key.as_ref(), expected, value: new, ttl_ms: 0 };
    number(abi::call(call)).map(|swapped| swapped != 0)
}

/// Adds `by` to a counter, which starts at 0; its new value. A counter is decimal text: [`get`] reads it as such.
///
/// A tool whose first use of its state is this waits for its turn and never loses a race.
///
/// # Errors
/// As [`set`]; [`Error::Invalid`] where the value is no number, or the sum does not fit.
pub fn increment(key: impl AsRef<[u8]>, by: i64) -> Result<i64, Error> {
    let (_, reply) = abi::call(Call::KvIncrement { key: key.as_ref(), by }).into_result().map_err(Error::of)?;
    let bytes = <[u8; 8]>::try_from(reply).map_err(|_| Error::misunderstood())?;
    Ok(i64::from_le_bytes(bytes))
}

fn write(key: &[u8], value: &[u8], ttl_ms: u64) -> Result<(), Error> {
    number(abi::call(Call::KvSet { key, value, ttl_ms })).map(drop)
}

fn number(answer: Answer) -> Result<i32, Error> {
    answer.into_result().map(|(number, _)| number).map_err(Error::of)
}

fn json(key: &[u8], value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::not_json("written", key, &error))
}

/// 0 would be for ever.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}
