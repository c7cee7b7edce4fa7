//! The functions of preview 1 that take a path or read the environment, with an access log, for calls with files.
//!
//! Each function first records in the access log which declared path it refers to, and then calls `wasmtime-wasi`. Functions
//! that write do nothing once the call has ended, and `poll_oneoff` sleeps on a timer. Components are not logged.

use wasmtime::{AsContextMut, Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as preview1, WasiSnapshotPreview1};

use super::guest_memory::GuestMemory;
use super::host_calls::HasHostCalls;
use super::preview1::clock::Wait;
use super::preview1::{MODULE, errno};
use super::stop::Stop;
use super::wasi::WasiState;

/// Replaces a function of `wasmtime-wasi` with a logged one. The arguments are the function with its parameters, and for each
/// path the parameters that hold its descriptor, its pointer and its length.
macro_rules! log_access {
    ($linker:ident, $name:ident($($arg:ident: $kind:ty),*) $(, ($fd:ident, $path:ident, $len:ident))*) => {
        $linker.func_wrap_async(
            MODULE,
            stringify!($name),
            |mut guest: Caller<'_, WasiState>, ($($arg,)*): ($($kind,)*)| {
                Box::new(async move {
                    let (bytes, state) = view(&mut guest)?;
                    $({
                        let at = $path.cast_unsigned() as usize;
                        let path = bytes.get(at..at.saturating_add($len.cast_unsigned() as usize));
                        state.host_calls().accesses.note($fd, path.unwrap_or_default());
                    })*
                    preview1::$name(&mut state.wasi, &mut wiggle::GuestMemory::Unshared(bytes), $($arg),*).await
                })
            },
        )?;
    };
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
    log_access!(linker, path_open(a: i32, b: i32, c: i32, d: i32, e: i32, f: i64, g: i64, h: i32, i: i32), (a, c, d));
    log_access!(linker, path_create_directory(a: i32, b: i32, c: i32), (a, b, c));
    log_access!(linker, path_filestat_get(a: i32, b: i32, c: i32, d: i32, e: i32), (a, c, d));
    log_access!(linker, path_filestat_set_times(a: i32, b: i32, c: i32, d: i32, e: i64, f: i64, g: i32), (a, c, d));
    log_access!(linker, path_link(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32), (a, c, d), (e, f, g));
    log_access!(linker, path_readlink(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), (a, b, c));
    log_access!(linker, path_remove_directory(a: i32, b: i32, c: i32), (a, b, c));
    log_access!(linker, path_rename(a: i32, b: i32, c: i32, d: i32, e: i32, f: i32), (a, b, c), (d, e, f));
    log_access!(linker, path_symlink(a: i32, b: i32, c: i32, d: i32, e: i32), (c, d, e));
    log_access!(linker, path_unlink_file(a: i32, b: i32, c: i32), (a, b, c));
    // These take no path. They are replaced so that a call that has ended does not write.
    log_access!(linker, fd_write(a: i32, b: i32, c: i32, d: i32));
    log_access!(linker, fd_pwrite(a: i32, b: i32, c: i32, d: i64, e: i32));
    log_access!(linker, fd_filestat_set_size(a: i32, b: i64));
    log_access!(linker, fd_filestat_set_times(a: i32, b: i64, c: i64, d: i32));
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
