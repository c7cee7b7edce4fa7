//! Standard streams of a sandboxed tool, by file descriptor. The standard library's streams, with their buffers, locks
//! and error names, would add twenty kilobytes to a module.
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
