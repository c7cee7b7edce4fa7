//! The functions of preview 1 that need disk space, as they behave on a simulated full disk.

use wasmtime::{Caller, Extern, Linker};

use super::FullDisk;
use crate::sandbox::guest_memory::GuestMemory;
use crate::sandbox::preview1::MODULE;
use crate::sandbox::stop::Stop;
use crate::sandbox::wasi::WasiState;

const STDOUT: i32 = 1;
const STDERR: i32 = 2;
const SUCCESS: i32 = 0;
const INVAL: i32 = 28;
/// `ENOSPC` in preview 1.
const NOSPC: i32 = 51;
/// Maximum number of buffers in one call, the same as on POSIX systems.
const MOST_BUFFERS: i32 = 1024;

type Guest<'a> = Caller<'a, WasiState>;

/// Replaces the functions in `linker` that need disk space.
pub(in crate::sandbox) fn add_to_linker(disk: &FullDisk, linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    let (to_write, to_place, to_allocate, to_create) = (disk.clone(), disk.clone(), disk.clone(), disk.clone());
    linker.allow_shadowing(true);
    linker.func_wrap(
        MODULE,
        "fd_write",
        move |mut guest: Guest<'_>, fd: i32, list: i32, count: i32, written: i32| -> wasmtime::Result<i32> {
            match fd {
                STDOUT | STDERR => write(&mut guest, fd == STDOUT, list, count, written),
                _ => Ok(refuse(&to_write)),
            }
        },
    )?;
    linker.func_wrap(MODULE, "fd_pwrite", move |_: Guest<'_>, _: i32, _: i32, _: i32, _: i64, _: i32| {
        refuse(&to_place)
    })?;
    linker.func_wrap(MODULE, "fd_allocate", move |_: Guest<'_>, _: i32, _: i64, _: i64| refuse(&to_allocate))?;
    linker
        .func_wrap(MODULE, "path_create_directory", move |_: Guest<'_>, _: i32, _: i32, _: i32| refuse(&to_create))?;
    linker.allow_shadowing(false);
    Ok(())
}

fn refuse(disk: &FullDisk) -> i32 {
    disk.count();
    NOSPC
}

/// Writes to stdout or stderr, which a full disk does not affect.
fn write(guest: &mut Guest<'_>, is_output: bool, list: i32, count: i32, written: i32) -> wasmtime::Result<i32> {
    if !(0..=MOST_BUFFERS).contains(&count) {
        return Ok(INVAL);
    }
    let memory = guest.get_export("memory").and_then(Extern::into_memory).ok_or(Stop::NoMemory)?;
    let (bytes, state) = memory.data_and_store_mut(guest);
    let mut memory = GuestMemory { bytes, function: "fd_write" };
    let mut total: u32 = 0;
    for index in 0..count {
        let buffer = list.wrapping_add(index * 8);
        let (at, length) = (memory.u32(buffer)?.cast_signed(), memory.u32(buffer.wrapping_add(4))?);
        state.write(is_output, memory.slice(at, length as usize)?)?;
        total = total.saturating_add(length);
    }
    memory.put_u32(written, total)?;
    Ok(SUCCESS)
}
