//! The functions `kv_*` of `mpp_v1`: pointers in, a number and a reply out.

use wasmtime::{Caller, Linker};

use super::call::KvCall;
use super::fault::Fault;
use crate::clock::Deadline;
use crate::sandbox::guest_memory::GuestMemory;
use crate::sandbox::host_calls::{Failure, HasHostCalls, HostCalls, MODULE, Status, view};
use crate::sandbox::stop::Stop;

/// Not granted: a module that was not verified may import what its manifest does not declare.
const DENIED: &str = "the package may keep no state; declare it in Cargo.toml under `[package.metadata.mpp.capabilities]`, for \
                      example `kv = { max_bytes = 1048576 }`";

type Answered = wasmtime::Result<i32>;

/// Defines every function of the state.
pub(crate) fn add_to_linker<T: HasHostCalls + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "kv_get", |mut guest: Caller<'_, T>, key: i32, key_len: i32| -> Answered {
        let (memory, calls) = view(&mut guest, "kv_get")?;
        let key = bytes(&memory, key, key_len)?;
        answer(calls, |kv, deadline| {
            let value = kv.get(key, deadline)?;
            let value = value.ok_or_else(|| Fault::refused(Status::NotFound, "there is no such key"))?;
            Ok((0, value))
        })
    })?;
    linker.func_wrap(
        MODULE,
        "kv_set",
        |mut guest: Caller<'_, T>, key: i32, key_len: i32, value: i32, value_len: i32, ttl_ms: i64| -> Answered {
            let (memory, calls) = view(&mut guest, "kv_set")?;
            let (key, value) = (bytes(&memory, key, key_len)?, bytes(&memory, value, value_len)?);
            answer(calls, |kv, deadline| {
                kv.set(key, value, ttl_ms.cast_unsigned(), deadline)?;
                Ok((0, Vec::new()))
            })
        },
    )?;
    linker.func_wrap(MODULE, "kv_delete", |mut guest: Caller<'_, T>, key: i32, key_len: i32| -> Answered {
        let (memory, calls) = view(&mut guest, "kv_delete")?;
        let key = bytes(&memory, key, key_len)?;
        answer(calls, |kv, deadline| Ok((i32::from(kv.delete(key, deadline)?), Vec::new())))
    })?;
    linker.func_wrap(
        MODULE,
        "kv_list",
        |mut guest: Caller<'_, T>, prefix: i32, prefix_len: i32, after: i32, after_len: i32, limit: i32| -> Answered {
            let (memory, calls) = view(&mut guest, "kv_list")?;
            let (prefix, after) = (bytes(&memory, prefix, prefix_len)?, bytes(&memory, after, after_len)?);
            answer(calls, |kv, deadline| {
                let mut reply = Vec::new();
                let count = kv.list(prefix, after, limit.cast_unsigned(), deadline, |key| {
                    reply.extend(u32::try_from(key.len()).unwrap_or_default().to_le_bytes());
                    reply.extend(key);
                })?;
                Ok((count, reply))
            })
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
            let (memory, calls) = view(&mut guest, "kv_compare_and_swap")?;
            let key = bytes(&memory, key, key_len)?;
            let expected = optional(&memory, expected, expected_len)?;
            let value = optional(&memory, value, value_len)?;
            answer(calls, |kv, deadline| {
                let swapped = kv.compare_and_swap(key, expected, value, ttl_ms.cast_unsigned(), deadline)?;
                Ok((i32::from(swapped), Vec::new()))
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "kv_increment",
        |mut guest: Caller<'_, T>, key: i32, key_len: i32, by: i64| -> Answered {
            let (memory, calls) = view(&mut guest, "kv_increment")?;
            let key = bytes(&memory, key, key_len)?;
            answer(calls, |kv, deadline| Ok((0, kv.increment(key, by, deadline)?.to_le_bytes().to_vec())))
        },
    )?;
    Ok(())
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
) -> Answered {
    let deadline = calls.deadline();
    let Some(kv) = &mut calls.kv else { return Ok(calls.fail((Status::Denied, DENIED.to_owned()))) };
    match kv.run(|kv| function(kv, deadline)) {
        Ok((number, reply)) => {
            calls.set_reply(reply);
            Ok(number)
        }
        Err(Fault::Locked) => Err(Stop::Timeout.into()),
        Err(fault) => Ok(calls.fail(Failure::from(fault))),
    }
}
