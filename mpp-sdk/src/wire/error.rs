//! Errors: JSON-RPC error objects whose `data.kind` says what happened.
//!
//! Our own codes lie outside -32768 … -32000, which JSON-RPC and MCP reserve.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON-RPC error object: `{"code", "message", "data": {"kind", …}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RpcError {
    /// The number for the kind, see [`ErrorKind::code`].
    pub code: i64,
    /// One sentence: what happened and what to do.
    pub message: String,
    /// `kind` and what belongs to it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
}

impl RpcError {
    /// An error of this kind; `data.kind` is set.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        // Not generic, so that a module has it once.
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

    /// The kind named in `data`, or the one that belongs to `code`.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.data
            .get("kind")
            .and_then(Value::as_str)
            .and_then(ErrorKind::from_word)
            .or_else(|| ErrorKind::ALL.iter().copied().find(|k| k.code() == self.code))
    }

    /// Whether the same call may succeed later.
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
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $word:literal;)*) => {
        /// What kind of failure a response reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $variant,)* }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The JSON-RPC error code.
            #[must_use]
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The word in `data.kind`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The kind for a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// The request is not JSON.
    ParseError = -32700, "parse_error";
    /// The request is not a JSON-RPC 2.0 request.
    InvalidRequest = -32600, "invalid_request";
    /// Neither `tools/list` nor `tools/call`.
    MethodNotFound = -32601, "method_not_found";
    /// No tool of this name.
    UnknownTool = -32602, "unknown_tool";
    /// The arguments do not fit the tool's `parameters`.
    InvalidArguments = -32602, "invalid_arguments";
    /// The tool's own error.
    ToolError = -31000, "tool_error";
    /// Something that the manifest does not declare, or the host did not grant.
    CapabilityDenied = -31001, "capability_denied";
    /// The call took longer than `timeout_ms`.
    Timeout = -31002, "timeout";
    /// The tool wanted more than `memory_limit_mb`.
    MemoryLimit = -31003, "memory_limit";
    /// The tool wrote more than `max_output_bytes`.
    OutputLimit = -31004, "output_limit";
    /// A trap, or an exit without a response.
    ToolCrashed = -31005, "tool_crashed";
    /// Not exactly one JSON-RPC response to this request, not UTF-8, or not what `returns` promises.
    InvalidResponse = -31006, "invalid_response";
    /// The Gatekeeper refused the package.
    VerificationFailed = -31007, "verification_failed";
    /// Somebody must approve the call first.
    ApprovalRequired = -31008, "approval_required";
    /// Somebody refused the call.
    ApprovalRefused = -31008, "approval_refused";
    /// A concurrent call changed the same state; try again.
    StateConflict = -31009, "state_conflict";
    /// The package's state cannot be read or written: damaged, a full disk.
    StateUnavailable = -31010, "state_unavailable";
    /// The front end ended the call.
    Cancelled = -31011, "cancelled";
}
