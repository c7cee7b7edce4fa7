//! `Error`: the failure of an operation on the state.

use crate::abi::Status;

/// The failure of an operation on the state. Each variant holds a message that states what to do.
///
/// `?` converts it into [`mpp_sdk::Error`](crate::Error), and a [`ToolError`](macro@crate::ToolError) can have it as a
/// `#[from]` field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The manifest does not declare state, or the host stores none: `kv_denied`.
    Denied(String),
    /// The quota is used up; nothing was written: `kv_full`.
    Full(String),
    /// The key or the value is larger than allowed; nothing was written: `kv_too_large`.
    TooLarge(String),
    /// A concurrent call changed the same state, so nothing that this call writes is kept. The call may succeed if it is
    /// repeated: `kv_conflict`, retryable.
    Conflict(String),
    /// An argument or a stored value is invalid: an empty key, a counter that is not a number, a value that is not a `T`:
    /// `kv_invalid`.
    Invalid(String),
    /// The state cannot be used, for example because it is damaged or the disk is full. Nothing that this call writes is
    /// kept: `kv_unavailable`.
    Unavailable(String),
}

impl Error {
    pub(super) fn of((status, message): (Status, String)) -> Self {
        match status {
            Status::Denied => Self::Denied(message),
            Status::Full => Self::Full(message),
            Status::TooLarge => Self::TooLarge(message),
            Status::Conflict => Self::Conflict(message),
            Status::Invalid | Status::NotFound => Self::Invalid(message),
            _ => Self::Unavailable(message),
        }
    }

    /// `done` is `deserialized from` or `serialized as`.
    #[inline(never)]
    pub(super) fn not_json(done: &str, key: &[u8], error: &str) -> Self {
        Self::Invalid(format!("the value of `{}` cannot be {done} JSON: {error}", key.escape_ascii()))
    }

    pub(super) fn unreadable() -> Self {
        Self::Unavailable("the host's reply has a format that this SDK does not know; update the SDK".to_owned())
    }

    /// Returns the stable code of the error.
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

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Denied(message)
            | Self::Full(message)
            | Self::TooLarge(message)
            | Self::Conflict(message)
            | Self::Invalid(message)
            | Self::Unavailable(message) => message,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl From<Error> for crate::error::Error {
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
