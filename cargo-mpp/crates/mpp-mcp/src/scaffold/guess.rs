//! Guesses about a port: how much harm a tool can do, and what it needs access to. Its author confirms or corrects them.

use serde_json::Value;

use super::original::OriginalTool;
use super::report::Change;

/// A capability that a tool may need, judging by its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guess {
    /// The kind of access.
    pub access: Access,
    /// Name of the tool in the port.
    pub tool: String,
    /// What in its definition suggests it, for example ``takes `url` ``.
    pub because: String,
}

/// A kind of access to the world outside of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Access {
    /// Requests to hosts on the network.
    Network,
    /// Reading files.
    Read,
    /// Changing files.
    Write,
}

/// The hints of `#[mpp::tool]` and the annotations of MCP that they publish.
const HINTS: [(&str, &str); 4] = [
    ("read_only", "readOnlyHint"),
    ("destructive", "destructiveHint"),
    ("idempotent", "idempotentHint"),
    ("open_world", "openWorldHint"),
];

/// Returns the hints of a tool, in the words of `#[mpp::tool]`.
pub(super) fn hints(tool: &OriginalTool, changes: &mut Vec<Change>) -> Vec<(&'static str, bool)> {
    let mut hints: Vec<(&'static str, bool)> =
        HINTS.iter().filter_map(|(word, key)| Some((*word, tool.annotations.get(*key)?.as_bool()?))).collect();
    if hints.contains(&("read_only", true)) && hints.contains(&("destructive", true)) {
        hints.retain(|hint| hint.0 != "destructive");
        changes.push(Change::Contradiction);
    }
    hints
}

/// Returns the security level: `high` for tools that say that they change or destroy something, `low` for tools that say that they only
/// read and touch nothing outside of the server, and otherwise `medium`.
pub(super) fn level(hints: &[(&'static str, bool)]) -> &'static str {
    let says = |word: &str, value: bool| hints.contains(&(word, value));
    if says("destructive", true) {
        "high"
    } else if says("read_only", true) && says("open_world", false) {
        "low"
    } else {
        "medium"
    }
}

/// Returns the access that a tool may need.
pub(super) fn access(tool: &OriginalTool, name: &str, hints: &[(&'static str, bool)]) -> Vec<Guess> {
    let only_reads = hints.contains(&("read_only", true));
    let mut found: Vec<Guess> = Vec::new();
    let mut add = |access: Access, because: String| {
        if !found.iter().any(|guess| guess.access == access) {
            found.push(Guess { access, tool: name.to_owned(), because });
        }
    };
    let properties = tool.parameters.get("properties").and_then(Value::as_object);
    for (key, schema) in properties.into_iter().flatten() {
        let format = schema.get("format").and_then(Value::as_str);
        let words = super::names::words(key);
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        if matches!(format, Some("uri" | "url")) || has(&["url", "urls", "uri", "endpoint", "webhook"]) {
            add(Access::Network, format!("takes `{}`", crate::visible::visible(key)));
        }
        if has(&["path", "paths", "file", "filename", "directory", "dir", "folder"]) {
            add(Access::Read, format!("takes `{}`", crate::visible::visible(key)));
            if !only_reads {
                add(Access::Write, format!("takes `{}` and is not called read-only", crate::visible::visible(key)));
            }
        }
    }
    if hints.contains(&("open_world", true)) {
        add(Access::Network, "says that it interacts with the outside world".to_owned());
    }
    found
}
