//! The functions `kv_*` of `mpp_v1`, and the imports that read their arguments from the memory of the guest.
//!
//! Each function returns a number, and leaves its result as the reply.

use wasmtime::{Caller, Linker};

use super::call::KvCall;
use super::fault::Fault;
use crate::clock::Deadline;
use crate::sandbox::failure::{Failure, Status};
use crate::sandbox::guest_memory::GuestMemory;
use crate::sandbox::host_calls::{HasHostCalls, HostCalls, MODULE, view};
use crate::sandbox::stop::Stop;

/// The error for a call without a granted state. A module that was not verified can import functions that its manifest does not
/// declare.
const DENIED: &str = "the package does not declare state; to allow it, write for example `kv = { max_bytes = 1048576 }` under \
                      `[package.metadata.mpp.capabilities]` and build again";

type Answered = wasmtime::Result<i32>;

/// Defines the imports `kv_*`.
pub(crate) fn add_to_linker<T: HasHostCalls + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "kv_get", |mut guest: Caller<'_, T>, key: i32, key_len: i32| -> Answered {
        let (memory, mut calls) = view(&mut guest, "kv_get")?;
        Ok(get(&mut calls, bytes(&memory, key, key_len)?)?)
    })?;
    linker.func_wrap(
        MODULE,
        "kv_set",
        |mut guest: Caller<'_, T>, key: i32, key_len: i32, value: i32, value_len: i32, ttl_ms: i64| -> Answered {
            let (memory, mut calls) = view(&mut guest, "kv_set")?;
            let (key, value) = (bytes(&memory, key, key_len)?, bytes(&memory, value, value_len)?);
            Ok(set(&mut calls, key, value, ttl_ms.cast_unsigned())?)
        },
    )?;
    linker.func_wrap(MODULE, "kv_delete", |mut guest: Caller<'_, T>, key: i32, key_len: i32| -> Answered {
        let (memory, mut calls) = view(&mut guest, "kv_delete")?;
        Ok(delete(&mut calls, bytes(&memory, key, key_len)?)?)
    })?;
    linker.func_wrap(
        MODULE,
        "kv_list",
        |mut guest: Caller<'_, T>, prefix: i32, prefix_len: i32, after: i32, after_len: i32, limit: i32| -> Answered {
            let (memory, mut calls) = view(&mut guest, "kv_list")?;
            let (prefix, after) = (bytes(&memory, prefix, prefix_len)?, bytes(&memory, after, after_len)?);
            Ok(list(&mut calls, prefix, after, limit.cast_unsigned())?)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "kv_compare_and_swap",
        |mut guest: Caller<'_, T>,
         key: i32,
         key_len: i32,
         expected: i32,
         expected_len: i32,
         value: i32,
         value_len: i32,
         ttl_ms: i64|
         -> Answered {
            let (memory, mut calls) = view(&mut guest, "kv_compare_and_swap")?;
            let key = bytes(&memory, key, key_len)?;
            let expected = optional(&memory, expected, expected_len)?;
            let value = optional(&memory, value, value_len)?;
            Ok(compare_and_swap(&mut calls, key, expected, value, ttl_ms.cast_unsigned())?)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "kv_increment",
        |mut guest: Caller<'_, T>, key: i32, key_len: i32, by: i64| -> Answered {
            let (memory, mut calls) = view(&mut guest, "kv_increment")?;
            Ok(increment(&mut calls, bytes(&memory, key, key_len)?, by)?)
        },
    )?;
    Ok(())
}

/// Reads `key`. The reply is its value.
pub(crate) fn get(calls: &mut HostCalls, key: &[u8]) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        let value = kv.get(key, deadline)?;
        let value = value.ok_or_else(|| Fault::refused(Status::NotFound, "there is no such key"))?;
        Ok((0, value))
    })
}

/// Sets `key` to `value`.
pub(crate) fn set(calls: &mut HostCalls, key: &[u8], value: &[u8], ttl_ms: u64) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        kv.set(key, value, ttl_ms, deadline)?;
        Ok((0, Vec::new()))
    })
}

/// Removes `key`. Returns 1 if it was present, else 0.
pub(crate) fn delete(calls: &mut HostCalls, key: &[u8]) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| Ok((i32::from(kv.delete(key, deadline)?), Vec::new())))
}

/// Lists keys and returns their number. The reply contains each key after its length (32 bits, little endian).
pub(crate) fn list(calls: &mut HostCalls, prefix: &[u8], after: &[u8], limit: u32) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        let mut reply = Vec::new();
        let count = kv.list(prefix, after, limit, deadline, |key| {
            reply.extend(u32::try_from(key.len()).unwrap_or_default().to_le_bytes());
            reply.extend(key);
        })?;
        Ok((count, reply))
    })
}

/// Sets `key` to `value` if its current value is `expected`. Returns 1 if it was, else 0.
pub(crate) fn compare_and_swap(
    calls: &mut HostCalls,
    key: &[u8],
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
    ttl_ms: u64,
) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        let swapped = kv.compare_and_swap(key, expected, value, ttl_ms, deadline)?;
        Ok((i32::from(swapped), Vec::new()))
    })
}

/// Adds `by` to the counter at `key`. The reply is its new value (64 bits, little endian).
pub(crate) fn increment(calls: &mut HostCalls, key: &[u8], by: i64) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| Ok((0, kv.increment(key, by, deadline)?.to_le_bytes().to_vec())))
}

fn bytes<'a>(memory: &'a GuestMemory<'_>, at: i32, length: i32) -> Result<&'a [u8], Stop> {
    memory.slice(at, length.cast_unsigned() as usize)
}

/// Reads an optional argument; a null pointer means `None`.
fn optional<'a>(memory: &'a GuestMemory<'_>, at: i32, length: i32) -> Result<Option<&'a [u8]>, Stop> {
    if at == 0 { Ok(None) } else { bytes(memory, at, length).map(Some) }
}

/// Runs a function and sets its reply. Stops the call if it is cancelled or its deadline has passed.
fn answer(
    calls: &mut HostCalls,
    function: impl FnOnce(&mut KvCall, Deadline) -> Result<(i32, Vec<u8>), Fault>,
) -> Result<i32, Stop> {
    let deadline = calls.deadline();
    let cancellation = calls.cancellation().clone();
    let Some(kv) = &mut calls.kv else { return Ok(calls.fail((Status::Denied, DENIED.to_owned()))) };
    let answered = kv.run(|kv| function(kv, deadline));
    if cancellation.is_requested() {
        return Err(Stop::Cancelled);
    }
    match answered {
        Ok((number, reply)) => {
            calls.set_reply(reply);
            Ok(number)
        }
        Err(Fault::Locked) => Err(Stop::Timeout),
        Err(fault) => Ok(calls.fail(Failure::from(fault))),
    }
}
