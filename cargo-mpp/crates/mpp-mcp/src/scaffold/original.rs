//! The tools of an MCP server, and the checks of their definitions.

use std::collections::BTreeSet;

use mpp_recording::RecordedCalls;
use serde_json::{Map, Value};

use super::error::ScaffoldError;
use crate::inventory::Inventory;

/// Maximum size of all definitions: what fits into a manifest, with space for the rest of it.
const LARGEST: usize = 1024 * 1024 - 16 * 1024;

/// An MCP server as it describes itself, and the calls of it that were recorded.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Original {
    /// The name that the server gives.
    pub name: Option<String>,
    /// The version that the server gives.
    pub version: Option<String>,
    /// Its tools, in its order.
    pub tools: Vec<OriginalTool>,
    /// Recorded calls; none if the definitions do not come from a capture.
    pub calls: RecordedCalls,
    /// The time at which the capture began, in the form of RFC 3339.
    pub started: Option<String>,
    /// What the server depends on, if a capture contains observations of it or the HTTP requests that it sent.
    pub inventory: Option<Inventory>,
}

/// The definition of a tool of an MCP server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OriginalTool {
    /// The name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What the tool does; empty if the server does not say.
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: Value,
    /// JSON Schema of the structured result.
    pub returns: Option<Value>,
    /// The annotations, as the server gives them.
    pub annotations: Map<String, Value>,
    /// Names of other members of the definition.
    pub others: Vec<String>,
}

impl Original {
    /// Checks the definitions in `tools`. `server` is the `serverInfo` of the server.
    pub(super) fn of(server: Option<&Value>, tools: &[Value], calls: RecordedCalls) -> Result<Self, ScaffoldError> {
        let about = |key: &str| server.and_then(|server| server.get(key)?.as_str()).map(str::to_owned);
        if tools.is_empty() {
            return Err(ScaffoldError::NoTools);
        }
        let bytes: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
        if bytes > LARGEST {
            return Err(ScaffoldError::TooLarge { tools: tools.len(), bytes, limit: LARGEST });
        }
        let tools: Vec<OriginalTool> = tools.iter().enumerate().map(OriginalTool::parse).collect::<Result<_, _>>()?;
        let mut names = BTreeSet::new();
        if let Some(twice) = tools.iter().find(|tool| !names.insert(tool.name.as_str())) {
            return Err(ScaffoldError::DuplicateTool { name: twice.name.clone() });
        }
        Ok(Self { name: about("name"), version: about("version"), tools, calls, started: None, inventory: None })
    }
}

impl OriginalTool {
    fn parse((index, tool): (usize, &Value)) -> Result<Self, ScaffoldError> {
        let text = |key: &str| tool.get(key).and_then(Value::as_str).map(str::to_owned);
        let name = text("name");
        let invalid = |reason| ScaffoldError::InvalidTool { index, name: text("name"), reason };
        let Value::Object(members) = tool else { return Err(invalid("it is not an object")) };
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Err(invalid("it has no `name`")) };
        let parameters = match tool.get("inputSchema") {
            Some(schema @ Value::Object(keywords)) => match keywords.get("type") {
                None => schema.clone(),
                Some(Value::String(word)) if word == "object" => schema.clone(),
                Some(_) => return Err(invalid("its `inputSchema` does not describe an object")),
            },
            Some(_) => return Err(invalid("its `inputSchema` is not a JSON Schema")),
            None => return Err(invalid("it has no `inputSchema`")),
        };
        let returns = match tool.get("outputSchema") {
            None | Some(Value::Null) => None,
            Some(schema @ Value::Object(_)) => Some(schema.clone()),
            Some(_) => return Err(invalid("its `outputSchema` is not a JSON Schema")),
        };
        let annotations = tool.get("annotations").and_then(Value::as_object).cloned().unwrap_or_default();
        let title = text("title").or_else(|| annotations.get("title").and_then(Value::as_str).map(str::to_owned));
        let known = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];
        let others = members.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
        let description = text("description").unwrap_or_default();
        Ok(Self { name, title, description, parameters, returns, annotations, others })
    }
}
