//! Judges how a tool copes with a fault.

use std::fmt;

use mpp_host::wire::{ErrorKind, RpcError};
use serde_json::Value;

use super::{CallFault, Fault, Kind};

/// How a call ended under a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The call returned a result.
    Success,
    /// The tool returned an error of its own.
    ToolError {
        /// The tool's error code.
        code: String,
        /// Whether the error says that the same call may succeed later.
        retryable: bool,
    },
    /// The host returned the error that it always returns under this fault, whatever the tool does. Holds the error kind.
    HostError(String),
    /// Any other end: a crash, the call's time used up by a request, an invalid response. Holds a description.
    Unclean(String),
}

impl Outcome {
    /// Judges a call under `fault` that returned a result (`None`) or an error.
    #[must_use]
    pub fn of(fault: &Fault, error: Option<&RpcError>) -> Self {
        let Some(error) = error else { return Self::Success };
        let kind = error.kind();
        let word = kind.map_or("unknown", |kind| kind.as_str()).to_owned();
        match kind {
            Some(ErrorKind::ToolError) => match error.data.get("code").and_then(Value::as_str) {
                Some(code) => Self::ToolError { code: code.to_owned(), retryable: error.is_retryable() },
                None => Self::Unclean("tool_error without a code".to_owned()),
            },
            // The host has accepted the arguments, so it is the tool that refuses them.
            Some(ErrorKind::InvalidArguments) => Self::ToolError { code: word, retryable: false },
            _ if is_the_hosts(fault, kind) => Self::HostError(word),
            Some(ErrorKind::Timeout) => Self::Unclean(format!(
                "{word}: a request without a timeout of its own used up the time of the whole call"
            )),
            _ => Self::Unclean(format!("{word}: {}", error.message.lines().next().unwrap_or_default())),
        }
    }

    /// Returns whether the caller receives something that it can act on.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !matches!(self, Self::Unclean(_))
    }
}

/// Returns whether the host returns an error of this kind under the fault, whatever the tool does.
fn is_the_hosts(fault: &Fault, kind: Option<ErrorKind>) -> bool {
    match (&fault.kind, kind) {
        (Kind::Http { answer: Ok(response), .. }, Some(ErrorKind::CapabilityDenied)) => {
            (300..400).contains(&response.status)
        }
        (Kind::Call(CallFault::KvBusy), Some(ErrorKind::StateConflict))
        | (Kind::Call(CallFault::KvDiskFull), Some(ErrorKind::StateUnavailable))
        | (Kind::Call(CallFault::Memory(_)), Some(ErrorKind::MemoryLimit))
        | (Kind::Call(CallFault::Time), Some(ErrorKind::Timeout)) => true,
        _ => false,
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("a result"),
            Self::ToolError { code, retryable: true } => write!(f, "{code}, retryable"),
            Self::ToolError { code, retryable: false } => f.write_str(code),
            Self::HostError(kind) => write!(f, "{kind}, from the host"),
            Self::Unclean(description) => f.write_str(description),
        }
    }
}
