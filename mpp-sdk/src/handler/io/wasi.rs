//! The streams of a sandboxed tool, by their numbers: the standard library's way to them, with its buffers, locks and the
//! names of all errors, is twenty kilobytes of a module.
#![allow(unsafe_code, reason = "calls functions of the host with pointers into this module's memory")]

use std::fmt::{self, Arguments, Write};

const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// A piece of memory, as WASI's lists of pieces have it.
#[repr(C)]
struct Piece {
    at: *const u8,
    length: usize,
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_read(stream: u32, pieces: *const Piece, count: usize, read: *mut usize) -> i32;
    fn fd_write(stream: u32, pieces: *const Piece, count: usize, written: *mut usize) -> i32;
}

/// WASI's number of an error.
pub(crate) struct Failure(i32);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WASI error {}", self.0)
    }
}

pub(crate) fn read(buffer: &mut [u8]) -> Result<usize, Failure> {
    let piece = Piece { at: buffer.as_mut_ptr(), length: buffer.len() };
    let mut read = 0;
    // SAFETY: the host writes at most `length` bytes, all of them into `buffer`, which nobody else has; and one number.
    match unsafe { fd_read(STDIN, &raw const piece, 1, &raw mut read) } {
        0 => Ok(read.min(buffer.len())),
        error => Err(Failure(error)),
    }
}

pub(crate) fn write(line: &[u8]) -> Result<(), Failure> {
    write_to(STDOUT, line)
}

fn write_to(stream: u32, mut bytes: &[u8]) -> Result<(), Failure> {
    while !bytes.is_empty() {
        let piece = Piece { at: bytes.as_ptr(), length: bytes.len() };
        let mut written = 0;
        // SAFETY: the host reads at most `length` bytes, all of them of `bytes`; it writes one number.
        let error = unsafe { fd_write(stream, &raw const piece, 1, &raw mut written) };
        if error != 0 || written == 0 {
            return Err(Failure(error));
        }
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// One line of log.
pub(crate) fn log(line: Arguments<'_>) {
    // Where the log takes no more, there is nobody to tell.
    let _ = Log.write_fmt(line).and_then(|()| Log.write_str("\n"));
}

struct Log;

impl Write for Log {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_to(STDERR, text.as_bytes()).map_err(|_| fmt::Error)
    }
}
