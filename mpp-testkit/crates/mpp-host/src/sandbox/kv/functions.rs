//! The functions `kv_*` of `mpp_v1`: bytes in, a number and a reply out; and the imports, which take pointers.

use wasmtime::{Caller, Linker};

use super::call::KvCall;
use super::fault::Fault;
use crate::clock::Deadline;
use crate::sandbox::failure::{Failure, Status};
use crate::sandbox::guest_memory::GuestMemory;
use crate::sandbox::host_calls::{HasHostCalls, HostCalls, MODULE, view};
use crate::sandbox::stop::Stop;

/// Not granted: a module that was not verified may import what its manifest does not declare.
const DENIED: &str = "the package may keep no state; declare it in Cargo.toml under `[package.metadata.mpp.capabilities]`, for \
                      example `kv = { max_bytes = 1048576 }`";

type Answered = wasmtime::Result<i32>;

/// Defines every function of the state.
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

/// The reply is the value of `key`.
pub(crate) fn get(calls: &mut HostCalls, key: &[u8]) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        let value = kv.get(key, deadline)?;
        let value = value.ok_or_else(|| Fault::refused(Status::NotFound, "there is no such key"))?;
        Ok((0, value))
    })
}

/// Writes `value`.
pub(crate) fn set(calls: &mut HostCalls, key: &[u8], value: &[u8], ttl_ms: u64) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| {
        kv.set(key, value, ttl_ms, deadline)?;
        Ok((0, Vec::new()))
    })
}

/// Removes `key`: 1 where it was there.
pub(crate) fn delete(calls: &mut HostCalls, key: &[u8]) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| Ok((i32::from(kv.delete(key, deadline)?), Vec::new())))
}

/// The reply is one page of keys, each after its length.
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

/// Writes `value` where `expected` is what is there: 1 where it was.
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

/// The reply is the counter's new value.
pub(crate) fn increment(calls: &mut HostCalls, key: &[u8], by: i64) -> Result<i32, Stop> {
    answer(calls, |kv, deadline| Ok((0, kv.increment(key, by, deadline)?.to_le_bytes().to_vec())))
}

fn bytes<'a>(memory: &'a GuestMemory<'_>, at: i32, length: i32) -> Result<&'a [u8], Stop> {
    memory.slice(at, length.cast_unsigned() as usize)
}

/// A null pointer stands for nothing.
fn optional<'a>(memory: &'a GuestMemory<'_>, at: i32, length: i32) -> Result<Option<&'a [u8]>, Stop> {
    if at == 0 { Ok(None) } else { bytes(memory, at, length).map(Some) }
}

/// Runs a function and leaves its reply; ends the call where its time is over.
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
