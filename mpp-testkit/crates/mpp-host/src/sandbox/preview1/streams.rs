//! The functions for descriptors 0, 1 and 2, the streams, and for descriptor 3, the root directory.

use wasmtime::Linker;

use super::{Guest, MODULE, ROOT, errno, offset, to_u32, view};
use crate::sandbox::preview1::StdioState;
use crate::sandbox::stop::Stop;

const STDIN: usize = 0;
const STDOUT: usize = 1;
/// Maximum number of buffers in one call, the same as on POSIX systems.
const MOST_BUFFERS: i32 = 1024;
const RIGHT_FD_READ: u64 = 1 << 1;
const RIGHT_FD_WRITE: u64 = 1 << 6;
const RIGHT_POLL: u64 = 1 << 27;
/// The rights of the root directory: they are not what denies a path.
const ALL_RIGHTS: u64 = (1 << 30) - 1;
/// The file type of a directory.
const DIRECTORY: u8 = 3;

pub(super) fn add_to_linker(linker: &mut Linker<StdioState>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "fd_read",
        |mut guest: Guest<'_>, fd: i32, list: i32, count: i32, read: i32| -> wasmtime::Result<i32> {
            fd_read(&mut guest, fd, list, count, read)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "fd_write",
        |mut guest: Guest<'_>, fd: i32, list: i32, count: i32, written: i32| -> wasmtime::Result<i32> {
            fd_write(&mut guest, fd, list, count, written)
        },
    )?;
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut guest: Guest<'_>, fd: i32, at: i32| -> wasmtime::Result<i32> {
        let (mut memory, state) = view(&mut guest, "fd_fdstat_get")?;
        if state.is_root(fd) {
            memory.put(at, &[DIRECTORY])?;
            memory.put(offset(at, 1), &[0; 7])?;
            memory.put_u64(offset(at, 8), ALL_RIGHTS)?;
            memory.put_u64(offset(at, 16), ALL_RIGHTS)?;
            return Ok(errno::SUCCESS);
        }
        let Some(stream) = state.stream(fd) else { return Ok(errno::BADF) };
        let rights = RIGHT_POLL | if stream == STDIN { RIGHT_FD_READ } else { RIGHT_FD_WRITE };
        // The file type is unknown, as for a pipe, so that the guest does not see a terminal. There are no flags and no
        // rights to inherit.
        memory.put(at, &[0; 24])?;
        memory.put_u64(offset(at, 8), rights)?;
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(MODULE, "fd_filestat_get", |mut guest: Guest<'_>, fd: i32, at: i32| -> wasmtime::Result<i32> {
        let (mut memory, state) = view(&mut guest, "fd_filestat_get")?;
        if state.stream(fd).is_none() && !state.is_root(fd) {
            return Ok(errno::BADF);
        }
        memory.put(at, &[0; 64])?;
        if state.is_root(fd) {
            memory.put(offset(at, 16), &[DIRECTORY])?;
        }
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(MODULE, "fd_close", |mut guest: Guest<'_>, fd: i32| {
        let state = guest.data_mut();
        let is_root = state.is_root(fd);
        let Some(open) = state.stream(fd).or(is_root.then_some(ROOT)) else { return errno::BADF };
        state.closed[open] = true;
        errno::SUCCESS
    })?;
    linker.func_wrap(MODULE, "fd_tell", |guest: Guest<'_>, fd: i32, _: i32| on_stream(&guest, fd, errno::SPIPE))?;
    linker.func_wrap(MODULE, "fd_prestat_get", |mut guest: Guest<'_>, fd: i32, at: i32| -> wasmtime::Result<i32> {
        let (mut memory, state) = view(&mut guest, "fd_prestat_get")?;
        if !state.is_root(fd) {
            return Ok(errno::BADF);
        }
        // The tag of a directory, and the length of its name.
        memory.put_u32(at, 0)?;
        memory.put_u32(offset(at, 4), 1)?;
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(
        MODULE,
        "fd_prestat_dir_name",
        |mut guest: Guest<'_>, fd: i32, at: i32, length: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "fd_prestat_dir_name")?;
            match (state.is_root(fd), length) {
                (false, _) => Ok(errno::BADF),
                (true, 0) => Ok(errno::NAMETOOLONG),
                (true, _) => {
                    memory.put(at, b"/")?;
                    Ok(errno::SUCCESS)
                }
            }
        },
    )?;
    for name in ["fd_sync", "fd_datasync"] {
        linker.func_wrap(MODULE, name, |guest: Guest<'_>, fd: i32| on_stream(&guest, fd, errno::INVAL))?;
    }
    linker.func_wrap(MODULE, "fd_seek", |guest: Guest<'_>, fd: i32, _: i64, _: i32, _: i32| {
        on_stream(&guest, fd, errno::SPIPE)
    })?;
    for name in ["fd_pread", "fd_pwrite"] {
        linker.func_wrap(MODULE, name, |guest: Guest<'_>, fd: i32, _: i32, _: i32, _: i64, _: i32| {
            on_stream(&guest, fd, errno::SPIPE)
        })?;
    }
    Ok(())
}

fn on_stream(guest: &Guest<'_>, fd: i32, answer: i32) -> i32 {
    guest.data().stream(fd).map_or(errno::BADF, |_| answer)
}

fn fd_read(guest: &mut Guest<'_>, fd: i32, list: i32, count: i32, read: i32) -> wasmtime::Result<i32> {
    let (mut memory, state) = view(guest, "fd_read")?;
    if state.stream(fd) != Some(STDIN) {
        return Ok(errno::BADF);
    }
    if !(0..=MOST_BUFFERS).contains(&count) {
        return Ok(errno::INVAL);
    }
    let mut total = 0;
    for index in 0..count {
        let buffer = offset(list, index.cast_unsigned() as usize * 8);
        let (at, length) = (memory.u32(buffer)?.cast_signed(), memory.u32(offset(buffer, 4))? as usize);
        let target = memory.slice_mut(at, length)?;
        let bytes = state.stdio.read(length);
        target[..bytes.len()].copy_from_slice(bytes);
        total += bytes.len();
        if bytes.len() < length {
            break;
        }
    }
    memory.put_u32(read, to_u32(total))?;
    Ok(errno::SUCCESS)
}

fn fd_write(guest: &mut Guest<'_>, fd: i32, list: i32, count: i32, written: i32) -> wasmtime::Result<i32> {
    let (mut memory, state) = view(guest, "fd_write")?;
    let Some(stream) = state.stream(fd).filter(|stream| *stream != STDIN) else { return Ok(errno::BADF) };
    if !(0..=MOST_BUFFERS).contains(&count) {
        return Ok(errno::INVAL);
    }
    let mut total: usize = 0;
    for index in 0..count {
        let buffer = offset(list, index.cast_unsigned() as usize * 8);
        let (at, length) = (memory.u32(buffer)?.cast_signed(), memory.u32(offset(buffer, 4))? as usize);
        let bytes = memory.slice(at, length)?;
        if stream == STDOUT {
            state.stdio.write_output(bytes).map_err(|_| Stop::Output)?;
        } else {
            state.stdio.write_log(bytes);
        }
        total = total.saturating_add(length);
    }
    memory.put_u32(written, to_u32(total))?;
    Ok(errno::SUCCESS)
}
