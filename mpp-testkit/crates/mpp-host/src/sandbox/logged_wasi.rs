//! The functions of preview 1 that take a path or read the environment, with an access log, for calls with files.
//!
//! Each function first records in the access log which declared path it refers to, announces the effect if it changes
//! something, and then calls `wasmtime-wasi`. A path that is not declared, and a change of one that is declared for reading,
//! fail with `NOTCAPABLE`, by which a tool recognizes a denial. Functions that write do nothing once the call has ended, and
//! `poll_oneoff` sleeps on a timer. For components, `logged_components` does the same.

use wasmtime::{AsContextMut, Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1};

use super::access_log::access_of_open;
use super::guest_memory::GuestMemory;
use super::host_calls::HasHostCalls;
use super::preview1::clock::Wait;
use super::preview1::{MODULE, errno};
use super::stop::Stop;
use super::wasi::WasiState;
use crate::codes::PathAccess;

/// Replaces a function of `wasmtime-wasi` with a logged one. The arguments are the function with its parameters, what it does
/// with its paths, and for each path the parameters that hold its descriptor, its pointer and its length.
macro_rules! log_access {
    ($linker:ident, $name:ident($($arg:ident: $kind:ty),*), $access:expr $(, ($fd:ident, $path:ident, $len:ident))*) => {
        $linker.func_wrap_async(
            MODULE,
            stringify!($name),
            |mut guest: Caller<'_, WasiState>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let (bytes, state) = view(&mut guest)?;
                    let access: PathAccess = $access;
                    $(if let Some(refused) = before(state, $fd, path_at(bytes, $path, $len), access) {
                        return Ok(refused);
                    })*
                    let memory = &mut wiggle::GuestMemory::Unshared(&mut *bytes);
                    let result = preview1::$name(&mut state.wasi, memory, $($arg),*).await?;
                    if result == errno::SUCCESS {
                        return Ok(result);
                    }
                    Ok(after(state, &[$(($fd, path_at(bytes, $path, $len))),*], access, result))
                })
            },
        )?;
    };
}

/// Replaces a function of `wasmtime-wasi` that takes no path and that changes a file. `is_effect` is whether it can change one
/// that was opened for reading, so that the effect was not announced when it was opened.
macro_rules! while_running {
    ($linker:ident, $name:ident($($arg:ident: $kind:ty),*), $is_effect:literal) => {
        $linker.func_wrap_async(
            MODULE,
            stringify!($name),
            |mut guest: Caller<'_, WasiState>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let (bytes, state) = view(&mut guest)?;
                    if $is_effect && !may_change_some_file(state) {
                        return Ok(errno::IO);
                    }
                    preview1::$name(&mut state.wasi, &mut wiggle::GuestMemory::Unshared(bytes), $($arg),*).await
                })
            },
        )?;
    };
}

/// Returns the path in the guest's memory; empty if it is not in there, which the function itself reports.
fn path_at(bytes: &[u8], at: i32, length: i32) -> &[u8] {
    let at = at.cast_unsigned() as usize;
    bytes.get(at..at.saturating_add(length.cast_unsigned() as usize)).unwrap_or_default()
}

/// Logs an access, and announces it if it changes something outside of the sandbox. Returns the error number to answer with if
/// it may not happen.
fn before(state: &mut WasiState, fd: i32, path: &[u8], access: PathAccess) -> Option<i32> {
    let mut calls = state.host_calls();
    if !calls.accesses.note(fd, path, access) {
        return Some(errno::NOTCAPABLE);
    }
    let is_effect = access == PathAccess::Write && calls.accesses.leads_outside(fd);
    (is_effect && !calls.effects.may_happen()).then_some(errno::IO)
}

/// Announces the change of a file that the guest has opened, if any can be changed. Returns whether it may happen.
fn may_change_some_file(state: &mut WasiState) -> bool {
    let calls = state.host_calls();
    !calls.accesses.leads_outside(i32::MAX) || calls.effects.may_happen()
}

/// Logs the failure of an access, and returns the error number to answer with.
fn after(state: &mut WasiState, paths: &[(i32, &[u8])], access: PathAccess, error: i32) -> i32 {
    let is_refusal = [errno::ACCES, errno::PERM, errno::ROFS, errno::NOTCAPABLE].contains(&error);
    if state.host_calls().accesses.failed(paths, access, is_refusal) { errno::NOTCAPABLE } else { error }
}

/// Returns the guest's memory and the call's state, as the functions of `wasmtime-wasi` take them.
///
/// Fails once the call has ended, so that an abandoned call does nothing more when the file operation that blocked it ends.
fn view<'a>(guest: &'a mut Caller<'_, WasiState>) -> wasmtime::Result<(&'a mut [u8], &'a mut WasiState)> {
    let fuel = guest.as_context_mut().hostcall_fuel();
    let memory = guest.get_export("memory").and_then(Extern::into_memory).ok_or(Stop::NoMemory)?;
    let (bytes, state) = memory.data_and_store_mut(guest);
    state.running.check()?;
    state.wasi.set_hostcall_fuel(fuel);
    Ok((bytes, state))
}

/// Replaces functions that the linker already defines with logged ones.
pub(crate) fn add_to_linker(linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    log_access!(linker, path_open(a: i32, b: i32, c: i32, d: i32, e: i32, f: i64, g: i64, h: i32, i: i32), access_of_open(e, f), (a, c, d));
    log_access!(linker, path_create_directory(a: i32, b: i32, c: i32), PathAccess::Write, (a, b, c));
    log_access!(linker, path_filestat_get(a: i32, b: i32, c: i32, d: i32, e: i32), PathAccess::Read, (a, c, d));
    log_access!(linker, path_filestat_set_times(a: i32, b: i32, c: i32, d: i32, e: i64, f: i64, g: i32), PathAccess::Write, (a, c, d));
    log_access!(linker, path_link(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32), PathAccess::Write, (a, c, d), (e, f, g));
    log_access!(linker, path_readlink(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), PathAccess::Read, (a, b, c));
    log_access!(linker, path_remove_directory(a: i32, b: i32, c: i32), PathAccess::Write, (a, b, c));
    log_access!(linker, path_rename(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), PathAccess::Write, (a, b, c), (d, e, f));
    log_access!(linker, path_symlink(a: i32, b: i32, c: i32, d: i32, e: i32), PathAccess::Write, (c, d, e));
    log_access!(linker, path_unlink_file(a: i32, b: i32, c: i32), PathAccess::Write, (a, b, c));
    // These take no path. They are replaced so that a call that has ended does not write.
    while_running!(linker, fd_write(a: i32, b: i32, c: i32, d: i32), false);
    while_running!(linker, fd_pwrite(a: i32, b: i32, c: i32, d: i64, e: i32), false);
    while_running!(linker, fd_filestat_set_size(a: i32, b: i64), true);
    while_running!(linker, fd_filestat_set_times(a: i32, b: i64, c: i64, d: i32), true);
    linker.func_wrap(MODULE, "environ_get", |mut guest: Caller<'_, WasiState>, list: i32, text: i32| {
        let (bytes, state) = view(&mut guest)?;
        state.host_calls().accesses.variables = true;
        preview1::environ_get(&mut state.wasi, &mut wiggle::GuestMemory::Unshared(bytes), list, text)
    })?;
    linker.func_wrap_async(
        MODULE,
        "poll_oneoff",
        |mut guest: Caller<'_, WasiState>, (subscriptions, events, count, ready): (i32, i32, i32, i32)| {
            Box::new(async move {
                let (bytes, state) = view(&mut guest)?;
                if count == 1 {
                    // `wasmtime-wasi` would block the thread for as long as the guest requests.
                    let mut memory = GuestMemory { bytes: &mut *bytes, function: "poll_oneoff" };
                    let wait = Wait::read(&memory, subscriptions, &state.clock, |_| false)?;
                    if let Some(time) = wait.sleeps() {
                        tokio::time::sleep(time).await;
                        wait.write(&mut memory, events)?;
                        memory.put_u32(ready, 1)?;
                        return Ok(errno::SUCCESS);
                    }
                }
                let mut memory = wiggle::GuestMemory::Unshared(bytes);
                preview1::poll_oneoff(&mut state.wasi, &mut memory, subscriptions, events, count, ready).await
            })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
