//! Compiling, bounded in time: on a thread that is waited for, or wherever an embedder wants it done.

use std::sync::mpsc;
use std::time::Duration;

use wasmtime::Engine;

use super::engine;

/// How long the default compiler takes at most: several times what the largest honest module needs.
pub const DEFAULT_COMPILE_LIMIT: Duration = Duration::from_secs(120);

/// Turns a module or component into machine code for this machine and this version.
///
/// The bytes become code that runs in this process: return nothing but what [`compile_to_bytes`] returned, from a
/// process that you trust as much as this one. `mpp` does it in a child process, which can be ended when it takes too
/// long; see [`InThread`] for what is done where no process can be started.
pub trait Compile: Send + Sync {
    /// Compiles `module`.
    ///
    /// # Errors
    /// [`CompileError`] where it is not valid, or takes too long.
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError>;
}

/// Why a module was not compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The compiler refuses the module.
    #[error("{reason}")]
    Refused {
        /// What the compiler says.
        reason: String,
    },
    /// It took too long.
    #[error("compiling took longer than {} s", limit.as_secs())]
    TimeLimit {
        /// How long it was given.
        limit: Duration,
    },
    /// The compiler could not be run.
    #[error("the compiler could not be run: {reason}")]
    NotRun {
        /// Why.
        reason: String,
    },
}

/// Compiles `module` here and now, however long that takes, with the settings that every [`Host`](crate::Host) of this
/// version uses. For the child process of a [`Compile`].
///
/// # Errors
/// [`CompileError::Refused`] with what the compiler says.
pub fn compile_to_bytes(module: &[u8]) -> Result<Vec<u8>, CompileError> {
    let refused = |error: wasmtime::Error| CompileError::Refused { reason: format!("{error:#}") };
    let engine = Engine::new(&engine::common()).map_err(refused)?;
    if is_component(module) { engine.precompile_component(module) } else { engine.precompile_module(module) }
        .map_err(refused)
}

/// Whether the header says component: the layer in bytes 6 and 7, which is 0 for a core module.
pub(crate) fn is_component(module: &[u8]) -> bool {
    module.get(6..8) == Some(&[1, 0])
}

/// Compiles on a thread of this process and stops waiting when the time is over.
///
/// A thread cannot be ended from outside: one that took too long goes on, without effect, until it is done or the
/// process ends. Where many unknown modules are compiled, use a process.
#[derive(Debug, Clone, Copy)]
pub struct InThread {
    /// How long to wait.
    pub limit: Duration,
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
                // Nobody listens any more where the limit was reached.
                let _ = sender.send(compile_to_bytes(&module));
            })
            .map_err(|error| CompileError::NotRun { reason: error.to_string() })?;
        match receiver.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(CompileError::TimeLimit { limit: self.limit }),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(CompileError::Refused { reason: "the compiler panicked".to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compile, CompileError, InThread, is_component};
    use std::time::Duration;

    #[test]
    fn modules_and_components_are_told_apart_by_their_header() {
        assert!(!is_component(b"\0asm\x01\0\0\0"));
        assert!(is_component(b"\0asm\x0d\0\x01\0"));
        assert!(!is_component(b"\0asm"));
    }

    #[test]
    fn a_module_that_compiles_for_too_long_is_given_up() {
        // One function with very many blocks that jump to each other, which the register allocator does not like.
        let mut body = String::new();
        for _ in 0..4000 {
            body.push_str("(block (loop (br_if 0 (local.get 0)) (br_if 1 (local.get 1)) ");
            body.push_str("(local.set 2 (i32.add (local.get 2) (local.get 0))))) ");
        }
        let wat = format!("(module (func (param i32 i32) (local i32) {body}))");
        let module = wat::parse_str(wat).expect("wat");
        let limit = Duration::from_micros(10);
        assert_eq!(InThread { limit }.compile(&module), Err(CompileError::TimeLimit { limit }));
    }

    #[test]
    fn what_is_not_wasm_is_refused_with_the_compilers_reason() {
        let refused = InThread::default().compile(b"hello");
        assert!(matches!(&refused, Err(CompileError::Refused { reason }) if !reason.is_empty()), "{refused:?}");
    }
}
