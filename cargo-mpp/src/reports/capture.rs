//! Results of `mpp capture` and `mpp inventory`.

use mpp_mcp::capture::{DriveReport, Recorded};
use mpp_mcp::inventory::Inventory;
use schemars::JsonSchema;
use serde::Serialize;

/// A capture that was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Captured {
    /// Path of the file.
    #[serde(rename = "path")]
    pub(crate) file: String,
    /// Number of messages of the client.
    pub(crate) from_client: u64,
    /// Number of messages of the server.
    pub(crate) from_server: u64,
    /// Number of lines that are not JSON.
    pub(crate) not_json: u64,
    /// Number of redactions.
    pub(crate) redactions: u64,
    /// The calls that were made, if they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) driven: Option<Driven>,
}

/// Calls that were made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Driven {
    /// Number of tools that the server lists.
    pub(crate) tools: usize,
    /// Number of calls that were answered.
    pub(crate) calls: usize,
    /// Number of calls that were answered with an error.
    pub(crate) errors: usize,
}

/// The inventory of a server.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServerInventory {
    /// Path of the capture.
    #[serde(rename = "path")]
    pub(crate) file: String,
    /// What the server depends on.
    #[serde(flatten)]
    pub(crate) inventory: Inventory,
}

impl Captured {
    /// Creates the result.
    pub(crate) fn new(file: String, recorded: Recorded, driven: Option<DriveReport>) -> Self {
        Self {
            file,
            from_client: recorded.from_client,
            from_server: recorded.from_server,
            not_json: recorded.not_json,
            redactions: recorded.redactions,
            driven: driven.map(|report| Driven { tools: report.tools, calls: report.calls, errors: report.errors }),
        }
    }

    /// Returns the result in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let mut sentence = format!(
            "{}: {} of the client, {} of the server",
            self.file,
            counted(self.from_client, "message"),
            self.from_server
        );
        if self.not_json > 0 {
            sentence.push_str(&format!(
                ", {} that {} not JSON",
                counted(self.not_json, "line"),
                if self.not_json == 1 { "is" } else { "are" }
            ));
        }
        if self.redactions > 0 {
            sentence.push_str(&format!(", {}", counted(self.redactions, "redaction")));
        }
        sentence
    }
}

/// `1 message`, `2 messages`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
