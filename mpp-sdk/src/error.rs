//! `Error`: the error that a tool returns.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    failure::{Failure, push_string},
    wire::{ErrorKind, Mistake},
};

/// The error that a tool returns: a stable code for programs, a message for the model that made the call, whether a
/// retry may help, and details.
///
/// The caller sees the message, so it should state what to do next and contain nothing private. Write the rest to the
/// tool's log with [`log!`](crate::log).
///
/// ```
/// let error = mpp_sdk::Error::new("crm_down", "the CRM did not answer; try again in a minute").retryable();
/// assert_eq!(error.code(), "crm_down");
/// assert!(error.is_retryable());
/// ```
///
/// Error enums derive their conversion with [`ToolError`](macro@crate::ToolError). A string converts into an `Error` with
/// the code `failed`:
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
    /// Keys, and values as JSON text.
    details: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Tool(Cow<'static, str>),
    Argument(String),
    /// The host denied something to the tool. The claim, a member of the error's data and its value, tells the host what the tool
    /// means, where the host does not know it.
    Denied(Option<(&'static str, String)>),
}

impl Error {
    /// Creates an error from a stable code (`snake_case`, part of the tool's interface) and a message for the caller.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind: Kind::Tool(code.into()),
            message: message.into(),
            retryable: false,
            details: Vec::new(),
        }))
    }

    /// Creates an error about an argument that the schema allows and the tool cannot accept. The caller receives it as
    /// `invalid_arguments`. `pointer` is a JSON pointer into the arguments.
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

    /// Creates a denial, which the caller receives as `capability_denied` in the host's words.
    pub(crate) fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new("", message);
        error.0.kind = Kind::Denied(None);
        error
    }

    /// Creates the denial of a variable or a path: `claim` is `variable` or `path`, and its name.
    pub(crate) fn denied_of(claim: (&'static str, String), message: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new("", message);
        error.0.kind = Kind::Denied(Some(claim));
        error
    }

    /// Returns whether the host denied something to the tool.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.0.kind, Kind::Denied(_))
    }

    /// Marks the error as retryable: the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Adds a detail for programs, in `data.details`. Ignores a value that does not serialize as JSON.
    ///
    /// ```
    /// let error = mpp_sdk::Error::new("quota", "the daily quota is used up").detail("limit", 100);
    /// assert_eq!(error.details()["limit"], 100);
    /// ```
    #[must_use]
    pub fn detail(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        if let Ok(json) = serde_json::to_string(&value) {
            self.add_detail(key.into(), json);
        }
        self
    }

    // Not generic, so that a module contains it once.
    #[inline(never)]
    fn add_detail(&mut self, key: String, json: String) {
        self.0.details.retain(|(known, _)| *known != key);
        self.0.details.push((key, json));
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.0.kind {
            Kind::Tool(code) => code,
            Kind::Argument(_) => ErrorKind::InvalidArguments.as_str(),
            Kind::Denied(_) => ErrorKind::CapabilityDenied.as_str(),
        }
    }

    /// Returns the message that the caller sees.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns the details that [`detail`](Self::detail) added.
    #[must_use]
    pub fn details(&self) -> Map<String, Value> {
        let value = |json: &str| serde_json::from_str(json).unwrap_or_default();
        self.0.details.iter().map(|(key, json)| (key.clone(), value(json))).collect()
    }

    /// Converts the error into the failure of a call of `tool`.
    pub(crate) fn into_failure(self, tool: &str) -> Failure {
        let Inner { kind, message, retryable, details } = *self.0;
        let failure = match kind {
            Kind::Argument(pointer) => Failure::invalid_arguments(tool, &[Mistake::new(pointer, message)]),
            Kind::Denied(claim) => {
                let failure = Failure::new(ErrorKind::CapabilityDenied, message.into_owned());
                match claim {
                    Some((member, name)) => failure.with(member, &name),
                    None => failure,
                }
            }
            Kind::Tool(code) => Failure::new(ErrorKind::ToolError, message.into_owned())
                .with("code", &code)
                .with_json("retryable", if retryable { b"true" } else { b"false" }),
        };
        if details.is_empty() {
            return failure;
        }
        let mut object = Vec::new();
        for (key, json) in &details {
            object.push(if object.is_empty() { b'{' } else { b',' });
            push_string(&mut object, key);
            object.push(b':');
            object.extend_from_slice(json.as_bytes());
        }
        object.push(b'}');
        failure.with_json("details", &object)
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

/// Converts an error about a file, with the code `io` and the operating system's message. An access to a path that the manifest
/// does not declare is a denial, which the caller receives as `capability_denied`.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if is_denied_path(&error) { Self::denied(error.to_string()) } else { Self::new("io", error.to_string()) }
    }
}

/// Returns whether the host denied an access to a path, which it reports as `ENOTCAPABLE` of WASI.
pub(crate) fn is_denied_path(error: &std::io::Error) -> bool {
    const NOTCAPABLE: i32 = 76;
    cfg!(target_os = "wasi") && error.raw_os_error() == Some(NOTCAPABLE)
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::failure::Failure;
    use crate::wire::{Mistake, RpcError};

    fn written(failure: &Failure) -> serde_json::Value {
        let mut json = Vec::new();
        failure.write(&mut json);
        serde_json::from_slice(&json).expect("JSON")
    }

    #[test]
    fn becomes_a_json_rpc_error_with_code_retryable_and_details() {
        let error =
            Error::new("quota", "used up").retryable().detail("limit", 2).detail("limit", 3).into_failure("find");
        assert_eq!(
            written(&error),
            serde_json::json!({"code": -31000, "message": "used up",
                "data": {"kind": "tool_error", "code": "quota", "retryable": true, "details": {"limit": 3}}})
        );
    }

    #[test]
    fn argument_error_becomes_invalid_arguments() {
        let error = Error::invalid_argument("/until", "expected a day after `from`").into_failure("find");
        assert_eq!(error.message(), "the arguments do not fit `find`: `/until`: expected a day after `from`");
        let mistake = Mistake::new("/until", "expected a day after `from`");
        let expected = RpcError::invalid_arguments("find", &[mistake]);
        assert_eq!(serde_json::from_value::<RpcError>(written(&error)).expect("an error"), expected);
    }
}
