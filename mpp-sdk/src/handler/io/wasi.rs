//! Standard streams of a sandboxed tool, by file descriptor. The standard library's streams, with their buffers, locks
//! and error names, would add twenty kilobytes to a module.
//!
//! Only the SDK writes to stdout, which carries the response. What a tool prints goes to the log: [`write_from_libc`] and
//! [`writev_from_libc`] take the place of the functions of the C library through which the standard library and linked C code
//! print.
#![allow(unsafe_code, reason = "calls host functions with pointers into this module's memory")]

use std::fmt::{self, Arguments, Write};

const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// WASI's `iovec`.
#[repr(C)]
struct IoVec {
    at: *const u8,
    length: usize,
}

unsafe extern "C" {
    /// Returns the place of `errno` in the C library.
    fn __errno_location() -> *mut i32;
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_read(stream: u32, vectors: *const IoVec, count: usize, read: *mut usize) -> i32;
    fn fd_write(stream: u32, vectors: *const IoVec, count: usize, written: *mut usize) -> i32;
}

/// A WASI error number.
pub(crate) struct Failure(i32);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WASI error {}", self.0)
    }
}

pub(crate) fn read(buffer: &mut [u8]) -> Result<usize, Failure> {
    let vector = IoVec { at: buffer.as_mut_ptr(), length: buffer.len() };
    let mut read = 0;
    // SAFETY: the host writes at most `length` bytes into `buffer`, which is borrowed mutably, and one number.
    match unsafe { fd_read(STDIN, &raw const vector, 1, &raw mut read) } {
        0 => Ok(read.min(buffer.len())),
        error => Err(Failure(error)),
    }
}

pub(crate) fn write(line: &[u8]) -> Result<(), Failure> {
    write_to(STDOUT, line)
}

fn write_to(stream: u32, mut bytes: &[u8]) -> Result<(), Failure> {
    while !bytes.is_empty() {
        let vector = IoVec { at: bytes.as_ptr(), length: bytes.len() };
        let mut written = 0;
        // SAFETY: the host reads at most `length` bytes of `bytes` and writes one number.
        let error = unsafe { fd_write(stream, &raw const vector, 1, &raw mut written) };
        if error != 0 || written == 0 {
            return Err(Failure(error));
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// Takes the place of the C library's `write`. Everything for stdout goes to the log; files are written as they are.
///
/// # Safety
/// `bytes` points to at least `length` bytes.
#[unsafe(export_name = "write")]
unsafe extern "C" fn write_from_libc(stream: i32, bytes: *const u8, length: usize) -> isize {
    let vector = IoVec { at: bytes, length };
    // SAFETY: the vector is on the stack, and the caller's bytes are as long as it says.
    unsafe { writev_from_libc(stream, &raw const vector, 1) }
}

/// Takes the place of the C library's `writev`.
///
/// # Safety
/// `vectors` points to at least `count` vectors, each of which points to as many bytes as it says.
#[unsafe(export_name = "writev")]
unsafe extern "C" fn writev_from_libc(stream: i32, vectors: *const IoVec, count: i32) -> isize {
    const INVALID: i32 = 28;
    let mut written = 0;
    let error = match (u32::try_from(stream), usize::try_from(count)) {
        // SAFETY: the host reads what the caller's vectors describe and writes one number.
        (Ok(stream), Ok(count)) => unsafe {
            fd_write(if stream == STDOUT { STDERR } else { stream }, vectors, count, &raw mut written)
        },
        _ => INVALID,
    };
    if error == 0 {
        return isize::try_from(written).unwrap_or(isize::MAX);
    }
    // SAFETY: the C library's `errno` exists as long as the program.
    unsafe { *__errno_location() = error };
    -1
}

/// Writes one line to the log.
pub(crate) fn log(line: Arguments<'_>) {
    // A failure to log cannot be reported anywhere.
    let _ = Log.write_fmt(line).and_then(|()| Log.write_str("\n"));
}

/// Formats into stderr.
struct Log;

impl Write for Log {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_to(STDERR, text.as_bytes()).map_err(|_| fmt::Error)
    }
}
