//! Asks an MCP server that is reached over streamable HTTP for its tools.

use std::time::Duration;

use mpp_recording::RecordedCalls;
use serde_json::{Value, json};

use super::error::ScaffoldError;
use super::original::Original;
use crate::legacy::{Endpoint, Unlisted, list};

/// The time that a server gets for each answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// An MCP server that is reached over streamable HTTP.
#[derive(Debug, Clone)]
pub struct RemoteServer {
    endpoint: Endpoint,
    patience: Duration,
}

impl RemoteServer {
    /// Creates a server at this endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, patience: PATIENCE }
    }

    /// Sets the time that the server gets for each answer, instead of a minute.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects to the server and lists its tools, in the era of the protocol that it speaks.
    ///
    /// # Errors
    /// Returns [`ScaffoldError`] if the server cannot be reached, does not answer in time, refuses, does not speak the protocol, or if
    /// its definitions are not valid.
    pub fn list(&self) -> Result<Original, ScaffoldError> {
        let client = json!({ "name": "mpp", "version": env!("CARGO_PKG_VERSION") });
        let listed = list(&self.endpoint, &client, self.patience).map_err(|failed| self.failed(failed))?;
        let mut tools: Vec<Value> = Vec::new();
        for tool in &listed.tools {
            let tool = serde_json::from_str(tool.get());
            tools.push(tool.map_err(|error| not_protocol(format!("a definition cannot be read: {error}")))?);
        }
        let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let server = json!({ "name": named(&listed.name), "version": named(&listed.version) });
        Original::of(Some(&server), &tools, RecordedCalls::new())
    }

    fn failed(&self, failed: Unlisted) -> ScaffoldError {
        let reason_of = |reason: String| ScaffoldError::Remote { url: self.endpoint.url.to_string(), reason };
        match failed {
            Unlisted::Connect(source) => ScaffoldError::Connect { source },
            Unlisted::Silent(method) => {
                ScaffoldError::Silent { method, seconds: self.patience.as_secs(), stderr: String::new() }
            }
            Unlisted::Unreachable(what) => ScaffoldError::Unreachable { url: self.endpoint.url.to_string(), what },
            Unlisted::Status(reason) | Unlisted::Protocol(reason) => reason_of(reason),
            Unlisted::Refused(method, code, message) => ScaffoldError::Refused { method, code, message },
        }
    }
}

fn not_protocol(reason: String) -> ScaffoldError {
    ScaffoldError::NotProtocol { method: "tools/list", reason }
}
