//! `Error`: what a tool answers when it fails.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::wire::{ErrorKind, Mistake, RpcError};

/// A tool's own error: a stable code for programs, a sentence for the model that made the call, whether trying again
/// may help, and details.
///
/// The message is what the caller sees. It should say what to do next, and nothing that is not meant for the caller;
/// print the rest to stderr, which is the tool's log.
///
/// ```
/// let error = mpp_sdk::Error::new("crm_down", "the CRM did not answer; try again in a minute").retryable();
/// assert_eq!(error.code(), "crm_down");
/// assert!(error.is_retryable());
/// ```
///
/// For errors with variants there is [`derive(ToolError)`](crate::ToolError). Text converts into an `Error` with the
/// code `failed`:
///
/// ```
/// fn half(n: u32) -> Result<u32, mpp_sdk::Error> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err("give an even number".into()) }
/// }
/// assert_eq!(half(3).unwrap_err().code(), "failed");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    kind: Kind,
    message: Cow<'static, str>,
    retryable: bool,
    details: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Tool(Cow<'static, str>),
    Argument(String),
    /// The host refused what the tool asked for.
    Denied,
}

impl Error {
    /// An error with a stable code (`snake_case`, part of the tool's interface) and a sentence for the caller.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind: Kind::Tool(code.into()),
            message: message.into(),
            retryable: false,
            details: Map::new(),
        }))
    }

    /// An argument that the schema allows and the tool cannot accept: the caller is told as for any other mistake in
    /// its arguments. `pointer` is a JSON pointer into the arguments.
    ///
    /// ```
    /// let error = mpp_sdk::Error::invalid_argument("/until", "expected a day after `from`");
    /// assert_eq!(error.code(), "invalid_arguments");
    /// ```
    pub fn invalid_argument(pointer: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new("", message);
        error.0.kind = Kind::Argument(pointer.into());
        error
    }

    /// The host refused what the tool asked for: told to the caller as `capability_denied`, in the host's own words.
    pub(crate) fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new("", message);
        error.0.kind = Kind::Denied;
        error
    }

    /// A denial stays one whatever an author makes of it: says whether `cause`, or a cause of it, is one.
    pub(crate) fn is_denial(cause: &(dyn std::error::Error + 'static)) -> bool {
        let mut next = Some(cause);
        while let Some(cause) = next {
            let own = cause.downcast_ref::<Self>().is_some_and(|error| error.0.kind == Kind::Denied);
            if own || cause.downcast_ref::<crate::http::Error>().is_some_and(crate::http::Error::is_denied) {
                return true;
            }
            next = cause.source();
        }
        false
    }

    /// Says that the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Adds a detail for programs, in `data.details`. A value that cannot be JSON is left out.
    ///
    /// ```
    /// let error = mpp_sdk::Error::new("quota", "the daily quota is used up").detail("limit", 100);
    /// assert_eq!(error.details()["limit"], 100);
    /// ```
    #[must_use]
    pub fn detail(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.details.insert(key.into(), value);
        }
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.0.kind {
            Kind::Tool(code) => code,
            Kind::Argument(_) => ErrorKind::InvalidArguments.as_str(),
            Kind::Denied => ErrorKind::CapabilityDenied.as_str(),
        }
    }

    /// The sentence that the caller sees.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// What [`detail`](Self::detail) added.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.0.details
    }

    /// The error as it crosses the wire, for a call of `tool`.
    pub(crate) fn into_rpc(self, tool: &str) -> RpcError {
        let Inner { kind, message, retryable, details } = *self.0;
        let mut error = match kind {
            Kind::Argument(pointer) => RpcError::invalid_arguments(tool, &[Mistake::new(pointer, message)]),
            Kind::Denied => RpcError::new(ErrorKind::CapabilityDenied, message),
            Kind::Tool(code) => {
                RpcError::new(ErrorKind::ToolError, message).with("code", code).with("retryable", retryable)
            }
        };
        if !details.is_empty() {
            error = error.with("details", details);
        }
        error
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

impl From<&'static str> for Error {
    fn from(message: &'static str) -> Self {
        Self::new("failed", message)
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::new("failed", message)
    }
}

/// Files of a declared directory: the code is `io`, the message is the operating system's.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new("io", error.to_string())
    }
}

/// Only the outermost message reaches the caller, with the code `failed`; the causes go to the log.
#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        if let Some(denial) = error.chain().find(|cause| Self::is_denial(*cause)) {
            return Self::denied(denial.to_string());
        }
        let mut causes = error.chain();
        let message = causes.next().map(ToString::to_string).unwrap_or_default();
        for cause in causes {
            log_cause(cause);
        }
        Self::new("failed", message)
    }
}

#[cfg(feature = "anyhow")]
#[allow(clippy::print_stderr, reason = "stderr is the tool's log")]
fn log_cause(cause: &(dyn std::error::Error + 'static)) {
    eprintln!("caused by: {cause}");
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn crosses_the_wire_with_code_retryable_and_details() {
        let error = Error::new("quota", "used up").retryable().detail("limit", 3).into_rpc("find");
        assert_eq!(
            serde_json::to_value(&error).expect("plain data"),
            serde_json::json!({"code": -31000, "message": "used up",
                "data": {"kind": "tool_error", "code": "quota", "retryable": true, "details": {"limit": 3}}})
        );
    }

    #[test]
    fn an_argument_error_is_told_like_any_mistake_in_the_arguments() {
        let error = Error::invalid_argument("/until", "expected a day after `from`").into_rpc("find");
        assert_eq!(error.message, "the arguments do not fit `find`: `/until`: expected a day after `from`");
        assert_eq!(error.data["kind"], "invalid_arguments");
    }

    #[cfg(feature = "anyhow")]
    #[test]
    fn only_the_outermost_message_of_an_anyhow_error_reaches_the_caller() {
        let error = anyhow::anyhow!("secret path").context("the book could not be read");
        let error = Error::from(error);
        assert_eq!((error.code(), error.message()), ("failed", "the book could not be read"));
    }
}
