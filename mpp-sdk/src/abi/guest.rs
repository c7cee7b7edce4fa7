//! The interface to the host in a sandboxed tool: imported functions, and the environment that WASI provides.
#![allow(unsafe_code, reason = "calls host functions with pointers into this module's memory")]

use std::env::VarError;
use std::fmt::Arguments;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::{Answer, Call};

#[link(wasm_import_module = "mpp_v1")]
unsafe extern "C" {
    fn reply_len() -> usize;
    fn reply_take(at: *mut u8);
    fn http_send(request: *const u8, request_len: usize) -> i32;
    fn kv_get(key: *const u8, key_len: usize) -> i32;
    fn kv_set(key: *const u8, key_len: usize, value: *const u8, value_len: usize, ttl_ms: u64) -> i32;
    fn kv_delete(key: *const u8, key_len: usize) -> i32;
    fn kv_list(prefix: *const u8, prefix_len: usize, after: *const u8, after_len: usize, limit: u32) -> i32;
    fn kv_compare_and_swap(
        key: *const u8,
        key_len: usize,
        expected: *const u8,
        expected_len: usize,
        value: *const u8,
        value_len: usize,
        ttl_ms: u64,
    ) -> i32;
    fn kv_increment(key: *const u8, key_len: usize, by: i64) -> i32;
}

/// Tells the packer how to find the functions of `definition::packed`: a custom section, which is not in memory.
#[used]
#[unsafe(link_section = "mpp:definitions")]
static DEFINITION_MARKS: [u8; 24] = crate::definition::marks();

unsafe extern "C" {
    /// Of wasi-libc, which every WASI target links; calls `random_get`. Fills at most 256 bytes at once.
    fn getentropy(at: *mut u8, length: usize) -> i32;
}

/// Calls the host. Always inlined, so that the compiler reduces the `match` to the variant that each caller names, and a
/// tool imports only the functions that it calls.
#[inline(always)]
pub(crate) fn call(call: Call<'_>) -> Answer {
    // SAFETY: each pointer is passed with the length of its slice, which outlives the call; the host reads it only during the call.
    let number = unsafe {
        match call {
            Call::HttpSend { request } => http_send(request.as_ptr(), request.len()),
            Call::KvGet { key } => kv_get(key.as_ptr(), key.len()),
            Call::KvSet { key, value, ttl_ms } => kv_set(key.as_ptr(), key.len(), value.as_ptr(), value.len(), ttl_ms),
            Call::KvDelete { key } => kv_delete(key.as_ptr(), key.len()),
            Call::KvList { prefix, after, limit } => {
                kv_list(prefix.as_ptr(), prefix.len(), after.as_ptr(), after.len(), limit)
            }
            Call::KvCompareAndSwap { key, expected, value, ttl_ms } => {
                let ((expected, expected_len), (value, value_len)) = (optional(expected), optional(value));
                kv_compare_and_swap(key.as_ptr(), key.len(), expected, expected_len, value, value_len, ttl_ms)
            }
            Call::KvIncrement { key, by } => kv_increment(key.as_ptr(), key.len(), by),
        }
    };
    Answer { number, reply: take() }
}

/// Represents `None` by a null pointer.
fn optional(bytes: Option<&[u8]>) -> (*const u8, usize) {
    bytes.map_or((std::ptr::null(), 0), |bytes| (bytes.as_ptr(), bytes.len()))
}

fn take() -> Vec<u8> {
    // SAFETY: the function takes nothing and returns a number.
    let length = unsafe { reply_len() };
    let mut reply = vec![0; length];
    if length > 0 {
        // SAFETY: the host writes exactly `reply_len` bytes, which is the length of this buffer.
        unsafe { reply_take(reply.as_mut_ptr()) };
    }
    reply
}

pub(crate) fn env(name: &str) -> Result<String, VarError> {
    std::env::var(name)
}

/// Returns the path itself: only declared paths exist in the sandbox.
pub(crate) fn place(path: &Path) -> Option<PathBuf> {
    if path.components().any(|component| component == Component::ParentDir) {
        return None;
    }
    let is_declared = match std::fs::metadata(path) {
        Ok(_) => true,
        Err(error) if crate::error::is_denied_path(&error) => false,
        // A path that does not exist is declared if one above it does.
        Err(_) => path.ancestors().skip(1).any(|path| std::fs::metadata(path).is_ok()),
    };
    is_declared.then(|| path.to_owned())
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

pub(crate) fn fill_random(bytes: &mut [u8]) -> bool {
    // SAFETY: the function writes exactly the bytes of the piece, which is borrowed mutably.
    bytes.chunks_mut(256).all(|piece| unsafe { getentropy(piece.as_mut_ptr(), piece.len()) } == 0)
}

pub(crate) fn log(line: Arguments<'_>) {
    crate::handler::log(line);
}
