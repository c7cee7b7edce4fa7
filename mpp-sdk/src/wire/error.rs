//! Errors: JSON-RPC error objects whose `data.kind` tells failures apart.
//!
//! MPP's own codes lie outside the range -32768 … -32000, which JSON-RPC and MCP reserve.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON-RPC error object: `{"code", "message", "data": {"kind", …}}`.
///
/// ```
/// use mpp_sdk::wire::{ErrorKind, RpcError};
///
/// let error = RpcError::new(ErrorKind::Timeout, "the call took longer than 500 ms").with("timeout_ms", 500);
/// assert_eq!(error.code, -31002);
/// assert_eq!(error.kind(), Some(ErrorKind::Timeout));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RpcError {
    /// The JSON-RPC error code, which belongs to the kind: see [`ErrorKind::code`].
    pub code: i64,
    /// What happened and what to do next, in a sentence.
    pub message: String,
    /// `kind`, and details of the failure.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

impl RpcError {
    /// Creates an error of this kind and sets `data.kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        // Not generic, so that a module contains it once.
        #[inline(never)]
        fn new(kind: ErrorKind, message: String) -> RpcError {
            RpcError { code: kind.code(), message, data: Map::new() }.with("kind", kind.as_str())
        }
        new(kind, message.into())
    }

    /// Adds a member to `data`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        #[inline(never)]
        fn insert(data: &mut Map<String, Value>, key: &str, value: Value) {
            data.insert(key.to_owned(), value);
        }
        insert(&mut self.data, key, value.into());
        self
    }

    /// Returns the kind that `data` names, or else the first one with this `code`; `None` if there is neither.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.data
            .get("kind")
            .and_then(Value::as_str)
            .and_then(ErrorKind::from_name)
            .or_else(|| ErrorKind::ALL.iter().copied().find(|k| k.code() == self.code))
    }

    /// Returns whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.data.get("retryable").and_then(Value::as_bool).unwrap_or(false)
            || self.kind() == Some(ErrorKind::StateConflict)
    }
}

impl std::fmt::Display for RpcError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RpcError {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// The kind of failure that a response reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $variant,)* }

        impl ErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the JSON-RPC error code.
            #[must_use]
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Returns the kind's name in `data.kind`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the kind with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// The request is not JSON.
    ParseError = -32700, "parse_error";
    /// The request is not a JSON-RPC 2.0 request.
    InvalidRequest = -32600, "invalid_request";
    /// The method is neither `tools/list` nor `tools/call`.
    MethodNotFound = -32601, "method_not_found";
    /// The package has no tool with this name.
    UnknownTool = -32602, "unknown_tool";
    /// The arguments do not match the tool's `parameters` schema.
    InvalidArguments = -32602, "invalid_arguments";
    /// The tool returned an error of its own.
    ToolError = -31000, "tool_error";
    /// The tool asked for something that the manifest does not declare or the host did not grant.
    CapabilityDenied = -31001, "capability_denied";
    /// The call took longer than `timeout_ms`.
    Timeout = -31002, "timeout";
    /// The tool needed more memory than `memory_limit_mb`.
    MemoryLimit = -31003, "memory_limit";
    /// The tool wrote more output than `max_output_bytes`.
    OutputLimit = -31004, "output_limit";
    /// The tool trapped, or exited without a response.
    ToolCrashed = -31005, "tool_crashed";
    /// The output is not exactly one JSON-RPC response to this request, not UTF-8, or does not match `returns`.
    InvalidResponse = -31006, "invalid_response";
    /// The Gatekeeper refused the package.
    VerificationFailed = -31007, "verification_failed";
    /// The call needs an approval that it does not have.
    ApprovalRequired = -31008, "approval_required";
    /// The call was not approved.
    ApprovalRefused = -31008, "approval_refused";
    /// A concurrent call changed the same state; the call may be repeated.
    StateConflict = -31009, "state_conflict";
    /// The package's state cannot be read or written, for example because it is damaged or the disk is full.
    StateUnavailable = -31010, "state_unavailable";
    /// The front end ended the call.
    Cancelled = -31011, "cancelled";
}
