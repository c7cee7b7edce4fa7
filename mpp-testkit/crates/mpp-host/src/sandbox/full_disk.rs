//! A full disk, for tests: what a core module writes into a file is refused as the system would refuse it.
//!
//! A disk that is really full takes rights that a test has not. The functions of preview 1 that need room on it are defined
//! anew, in a linker of its own: no other call has anything of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::{Caller, Extern, Linker};

use super::guest_memory::GuestMemory;
use super::stop::Stop;
use super::wasi::WasiState;

const MODULE: &str = "wasi_snapshot_preview1";
const STDOUT: i32 = 1;
const STDERR: i32 = 2;
const SUCCESS: i32 = 0;
const INVAL: i32 = 28;
/// `ENOSPC` in preview 1.
const NOSPC: i32 = 51;
/// As many buffers as POSIX systems take in one call.
const MOST_BUFFERS: i32 = 1024;

type Guest<'a> = Caller<'a, WasiState>;

/// A disk without room, and how often something was to be put on it: see [`Grant::disk_full`](crate::host::Grant::disk_full).
/// Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct FullDisk(Arc<AtomicU64>);

impl FullDisk {
    /// How many writes, new directories and reservations it has refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn refuse(&self) -> i32 {
        self.0.fetch_add(1, Ordering::SeqCst);
        NOSPC
    }

    /// Defines the functions that need room anew.
    pub(super) fn add_to_linker(&self, linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
        let (to_write, to_place, to_allocate, to_create) = (self.clone(), self.clone(), self.clone(), self.clone());
        linker.allow_shadowing(true);
        linker.func_wrap(
            MODULE,
            "fd_write",
            move |mut guest: Guest<'_>, fd: i32, list: i32, count: i32, written: i32| -> wasmtime::Result<i32> {
                match fd {
                    STDOUT | STDERR => write(&mut guest, fd == STDOUT, list, count, written),
                    _ => Ok(to_write.refuse()),
                }
            },
        )?;
        linker.func_wrap(MODULE, "fd_pwrite", move |_: Guest<'_>, _: i32, _: i32, _: i32, _: i64, _: i32| {
            to_place.refuse()
        })?;
        linker.func_wrap(MODULE, "fd_allocate", move |_: Guest<'_>, _: i32, _: i64, _: i64| to_allocate.refuse())?;
        linker.func_wrap(MODULE, "path_create_directory", move |_: Guest<'_>, _: i32, _: i32, _: i32| {
            to_create.refuse()
        })?;
        linker.allow_shadowing(false);
        Ok(())
    }
}

/// The streams are no files.
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
