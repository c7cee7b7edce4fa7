//! Compilation with a time limit, on a thread of this process or wherever the embedder chooses.

use std::sync::mpsc;
use std::time::Duration;

use wasmtime::Engine;

use super::engine;
use crate::causes::BoxedError;

/// The time limit of the default compiler, several times what the largest legitimate module needs.
pub const DEFAULT_COMPILE_LIMIT: Duration = Duration::from_secs(120);

/// Compiles a module or component to machine code for this machine and this version.
///
/// The returned bytes run as native code in this process: return only what [`compile_to_bytes`] returned, in a process
/// that is trusted as much as this one. `mpp` compiles in a child process, which can be killed if it takes too long; use
/// [`InThread`] if no process can be started.
pub trait Compile: Send + Sync {
    /// Compiles `module`.
    ///
    /// # Errors
    /// Returns [`CompileError`] if the module is invalid, takes too long to compile, or the compiler cannot be run.
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError>;
}

/// The error returned when a module cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The compiler rejected the module.
    #[error(transparent)]
    Refused(BoxedError),
    /// Compilation exceeded the time limit.
    #[error("compiling took longer than {} s", limit.as_secs())]
    TimeLimit {
        /// The time limit.
        limit: Duration,
    },
    /// The compiler could not be run.
    #[error("the compiler could not be run")]
    NotRun {
        /// The reason.
        source: BoxedError,
    },
}

impl CompileError {
    /// Creates the error of a module that the compiler rejected. `reason` is an error or a message.
    pub fn refused(reason: impl Into<BoxedError>) -> Self {
        Self::Refused(reason.into())
    }

    /// Creates the error of a compiler that could not be run. `reason` is an error or a message.
    pub fn not_run(reason: impl Into<BoxedError>) -> Self {
        Self::NotRun { source: reason.into() }
    }
}

/// Compiles `module` on the current thread, without a time limit, with the settings that every [`Host`](crate::Host) of
/// this version uses.
///
/// An implementation of [`Compile`] calls it in its child process.
///
/// # Errors
/// Returns [`CompileError::Refused`] if the compiler rejects the module.
pub fn compile_to_bytes(module: &[u8]) -> Result<Vec<u8>, CompileError> {
    let engine = Engine::new(&engine::common()).map_err(CompileError::refused)?;
    if is_component(module) { engine.precompile_component(module) } else { engine.precompile_module(module) }
        .map_err(CompileError::refused)
}

/// Returns whether the header is that of a component: bytes 6 and 7 hold the layer, which is 0 for a core module.
pub(crate) fn is_component(module: &[u8]) -> bool {
    module.get(6..8) == Some(&[1, 0])
}

/// Compiles on a thread of this process and stops waiting when the time limit is reached.
///
/// A thread cannot be killed: one that exceeds the limit keeps running, without effect, until it finishes or the process
/// exits. Use a child process to compile many unknown modules.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct InThread {
    /// The time limit.
    pub limit: Duration,
}

impl InThread {
    /// Returns a compiler with this time limit.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl Default for InThread {
    fn default() -> Self {
        Self { limit: DEFAULT_COMPILE_LIMIT }
    }
}

impl Compile for InThread {
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError> {
        let module = module.to_vec();
        let (sender, receiver) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("mpp-compile".to_owned())
            .spawn(move || {
                // Fails if the limit was reached, because then the receiver is gone.
                let _ = sender.send(compile_to_bytes(&module));
            })
            .map_err(CompileError::not_run)?;
        match receiver.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(CompileError::TimeLimit { limit: self.limit }),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(CompileError::refused("the compiler panicked")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compile, CompileError, InThread, is_component};
    use std::time::Duration;

    #[test]
    fn modules_and_components_are_distinguished_by_their_header() {
        assert!(!is_component(b"\0asm\x01\0\0\0"));
        assert!(is_component(b"\0asm\x0d\0\x01\0"));
        assert!(!is_component(b"\0asm"));
    }

    #[test]
    fn a_compilation_that_takes_too_long_is_abandoned() {
        // A function with thousands of blocks that branch to each other is slow for the register allocator.
        let mut body = String::new();
        for _ in 0..4000 {
            body.push_str("(block (loop (br_if 0 (local.get 0)) (br_if 1 (local.get 1)) ");
            body.push_str("(local.set 2 (i32.add (local.get 2) (local.get 0))))) ");
        }
        let wat = format!("(module (func (param i32 i32) (local i32) {body}))");
        let module = wat::parse_str(wat).expect("wat");
        let limit = Duration::from_micros(10);
        let late = InThread { limit }.compile(&module);
        assert!(matches!(late, Err(CompileError::TimeLimit { limit: of }) if of == limit), "{late:?}");
    }

    #[test]
    fn invalid_wasm_is_refused_with_the_reason_of_the_compiler() {
        let refused = InThread::default().compile(b"hello");
        assert!(
            matches!(&refused, Err(CompileError::Refused(reason)) if !reason.to_string().is_empty()),
            "{refused:?}"
        );
    }
}
