//! Why the state did not do what it was asked.

use crate::abi::Status;

/// Why the state did not do what it was asked. `?` makes a [`mpp_sdk::Error`](crate::Error) of it, and `#[from]` takes it in
/// a [`derive(ToolError)`](crate::ToolError).
///
/// Each holds a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The manifest declares no state, or the host keeps none: `kv_denied`.
    Denied(String),
    /// The quota is used up; nothing was written: `kv_full`.
    Full(String),
    /// The key or the value is longer than allowed; nothing was written: `kv_too_large`.
    TooLarge(String),
    /// Another call changed the state at the same time. Nothing that this call does is kept any more; the same call may
    /// succeed when it is made again: `kv_conflict`, retryable.
    Conflict(String),
    /// What was given, or what is there, is not what it should be: a key without a byte, a counter that is no number, a
    /// value that is no `T`: `kv_invalid`.
    Invalid(String),
    /// The state cannot be used: damaged, a full disk. Nothing that this call does is kept: `kv_unavailable`.
    Unavailable(String),
}

impl Error {
    pub(super) fn of((status, sentence): (Status, String)) -> Self {
        match status {
            Status::Denied => Self::Denied(sentence),
            Status::Full => Self::Full(sentence),
            Status::TooLarge => Self::TooLarge(sentence),
            Status::Conflict => Self::Conflict(sentence),
            Status::Invalid | Status::NotFound => Self::Invalid(sentence),
            _ => Self::Unavailable(sentence),
        }
    }

    /// `done` is `read` or `written`.
    #[inline(never)]
    pub(super) fn not_json(done: &str, key: &[u8], error: &serde_json::Error) -> Self {
        Self::Invalid(format!("the value of `{}` cannot be {done} as JSON: {error}", key.escape_ascii()))
    }

    pub(super) fn misunderstood() -> Self {
        Self::Unavailable(
            "the host's reply has another form than this SDK knows; build the tool with its own SDK".to_owned(),
        )
    }

    /// The stable code that the error has as a [`mpp_sdk::Error`](crate::Error).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "kv_denied",
            Self::Full(_) => "kv_full",
            Self::TooLarge(_) => "kv_too_large",
            Self::Conflict(_) => "kv_conflict",
            Self::Invalid(_) => "kv_invalid",
            Self::Unavailable(_) => "kv_unavailable",
        }
    }

    /// What happened and what to do, in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Denied(sentence)
            | Self::Full(sentence)
            | Self::TooLarge(sentence)
            | Self::Conflict(sentence)
            | Self::Invalid(sentence)
            | Self::Unavailable(sentence) => sentence,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        let (code, is_conflict) = (error.code(), matches!(error, Error::Conflict(_)));
        let (Error::Denied(message)
        | Error::Full(message)
        | Error::TooLarge(message)
        | Error::Conflict(message)
        | Error::Invalid(message)
        | Error::Unavailable(message)) = error;
        let error = Self::new(code, message);
        if is_conflict { error.retryable() } else { error }
    }
}
