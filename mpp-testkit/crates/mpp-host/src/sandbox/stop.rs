//! The reasons why a host function ends a call.

/// The reason why a host function ended a call, passed as an error through the guest's frames to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("exit {0}")]
    Exit(u32),
    #[error("the call's time limit was reached")]
    Timeout,
    #[error("the call was cancelled")]
    Cancelled,
    #[error("more output than allowed")]
    Output,
    #[error("the tool passed a pointer outside its memory to `{0}`")]
    Pointer(&'static str),
    #[error("the module exports no memory named `memory`")]
    NoMemory,
    #[error("the operating system provided no random bytes")]
    NoRandomness,
}
