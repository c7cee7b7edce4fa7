//! Reads the tools of an MCP server from the result of `tools/list` or from a capture.

use mpp_recording::RecordedCalls;
use serde_json::Value;

use super::capture;
use super::error::ScaffoldError;
use super::original::Original;

impl Original {
    /// Reads the result of `tools/list` (`{"tools":[…]}`, the response around it, or the bare list), or a capture of a session.
    ///
    /// # Errors
    /// Returns [`ScaffoldError`] if there are no definitions, or a definition is not valid.
    ///
    /// ```
    /// let text = r#"{"tools":[{"name":"now","description":"The time.","inputSchema":{"type":"object"}}]}"#;
    /// let original = mpp_mcp::scaffold::Original::parse(text)?;
    /// assert_eq!(original.tools[0].name, "now");
    /// # Ok::<(), mpp_mcp::scaffold::ScaffoldError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ScaffoldError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str::<Value>(text) {
            Ok(document) => match listed(&document) {
                Some(tools) => {
                    let server = ["server", "serverInfo"].iter().find_map(|key| document.get(*key));
                    Self::of(server, tools, RecordedCalls::new())
                }
                // A capture of one line.
                None => capture::read(text).unwrap_or_else(|| Err(not_definitions(&document))),
            },
            Err(error) => capture::read(text).unwrap_or_else(|| {
                let found =
                    if text.trim().is_empty() { "the text is empty".to_owned() } else { format!("not JSON: {error}") };
                Err(ScaffoldError::NotDefinitions { found })
            }),
        }
    }
}

/// Returns the list of tools in a document.
fn listed(document: &Value) -> Option<&[Value]> {
    let list = match document {
        Value::Array(_) => Some(document),
        _ => document.get("tools").or_else(|| document.pointer("/result/tools")),
    };
    // The bare list must at least look like one, so that any other list gets a message that fits.
    let list = list?.as_array()?;
    let is_bare = document.is_array();
    (!is_bare || list.iter().all(|tool| tool.get("name").is_some())).then_some(list)
}

fn not_definitions(document: &Value) -> ScaffoldError {
    let found = match document {
        Value::Object(members) => match members.keys().take(4).map(|key| format!("`{key}`")).collect::<Vec<_>>() {
            keys if keys.is_empty() => "an empty object".to_owned(),
            keys => format!("an object with {}", keys.join(", ")),
        },
        Value::Array(_) => "a list whose items have no `name`".to_owned(),
        _ => "a single value".to_owned(),
    };
    ScaffoldError::NotDefinitions { found: crate::visible::visible(&found) }
}
