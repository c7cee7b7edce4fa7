//! Recognizes that a call used up the tool's own stack.
//!
//! Rust places the stack at the start of the memory, below the data. A function that needs more than is left sets the stack
//! pointer to an address below 0, which is a large one, and its first access traps as one outside the memory. Modules that the
//! kit builds export the stack pointer, so that this trap can be told from others.

use wasmtime::{AsContextMut, Error, Instance, Trap, Val};

use super::stop::Stop;

/// Name of the global with the address of the top of the stack.
const STACK_POINTER: &str = "__stack_pointer";

/// Marks the error of a call that ended with its stack pointer below the stack.
#[derive(Debug, thiserror::Error)]
#[error("the tool ran out of stack")]
pub(crate) struct OutOfStack;

/// Adds [`OutOfStack`] to the error of a call if the stack pointer of the instance says so.
pub(crate) fn explained(error: Error, instance: &Instance, mut store: impl AsContextMut) -> Error {
    // A host function refuses an address outside the memory before it can trap.
    let may_be = error.is::<Trap>() || matches!(error.downcast_ref::<Stop>(), Some(Stop::Pointer(_)));
    if !may_be {
        return error;
    }
    let pointer = instance.get_global(store.as_context_mut(), STACK_POINTER).map(|global| global.get(store));
    // Addresses above 2 GiB hold the heap of a large tool, never its stack, which is at the start of the memory.
    if matches!(pointer, Some(Val::I32(..0))) { error.context(OutOfStack) } else { error }
}
