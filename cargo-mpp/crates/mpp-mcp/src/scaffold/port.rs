//! A port: the tools of a package that continues an MCP server, with their sources and schemas.

use std::collections::BTreeSet;

use mpp_host::wire::ToolDefinition;
use mpp_recording::RecordedCalls;
use serde_json::Value;

use super::guess::{self, Guess};
use super::language::Language;
use super::names;
use super::original::{Original, OriginalTool};
use super::publish;
use super::report::Change;
use super::shape::Typing;
use super::tool::PortedTool;
use super::writer::{Function, Returned, Writer};

/// The tools of a package that continues an MCP server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Port {
    /// The language of the sources.
    pub language: Language,
    /// The tools, in the order of the original.
    pub tools: Vec<PortedTool>,
    /// The access that the tools may need.
    pub guesses: Vec<Guess>,
    /// The recorded calls, with the names that the tools have in the port.
    pub calls: RecordedCalls,
}

impl Port {
    /// Creates the port of an MCP server to a language.
    ///
    /// ```
    /// use mpp_mcp::scaffold::{Language, Original, Port};
    ///
    /// let text = r#"[{"name":"now","description":"The time.","inputSchema":{"type":"object"}}]"#;
    /// let original = Original::parse(text)?;
    /// let port = Port::of(&original, Language::Rust);
    /// assert!(port.tools[0].source.contains("fn now() -> Result<String, mpp::Error> {"));
    /// let port = Port::of(&original, Language::Python);
    /// assert!(port.tools[0].source.contains("def now() -> str:"));
    /// # Ok::<(), mpp_mcp::scaffold::ScaffoldError>(())
    /// ```
    #[must_use]
    pub fn of(original: &Original, language: Language) -> Self {
        let writer = language.writer();
        let (mut names, mut modules) = (BTreeSet::new(), BTreeSet::new());
        // Tools that keep their name have it before others that get a similar one.
        names.extend(original.tools.iter().map(|tool| tool.name.clone()).filter(|name| names::tool(name) == *name));
        let mut guesses = Vec::new();
        let mut calls = RecordedCalls::new();
        let tools: Vec<PortedTool> = original
            .tools
            .iter()
            .map(|tool| {
                let name = match names::tool(&tool.name) {
                    name if name == tool.name => name,
                    name => names::unique(name, "_", &mut names),
                };
                let module = names::unique(writer.module(&name), "_", &mut modules);
                let ported = PortedTool::of(tool, (name, module), &original.calls, writer);
                guesses.extend(guess::access(tool, &ported.name, &ported.hints));
                ported
            })
            .collect();
        for (_, call) in original.calls.iter() {
            let place = original.tools.iter().position(|tool| tool.name == call.tool);
            calls.push(match place.filter(|place| tools[*place].name != call.tool) {
                Some(place) => call.renamed(calls.iter().count() + 1, tools[place].name.as_str()),
                None => call.clone(),
            });
        }
        Self { language, tools, guesses, calls }
    }

    /// Returns the definitions that the package publishes, sorted by name.
    #[must_use]
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        let mut definitions: Vec<ToolDefinition> = self.tools.iter().map(PortedTool::definition).collect();
        definitions.sort_by(|a, b| a.name.cmp(&b.name));
        definitions
    }
}

impl PortedTool {
    fn of(tool: &OriginalTool, (name, module): (String, String), calls: &RecordedCalls, writer: &dyn Writer) -> Self {
        let typing = writer.typing();
        let mut changes = Vec::new();
        if name != tool.name {
            changes.push(Change::Renamed { from: tool.name.clone() });
        }
        let description = if tool.description.trim().is_empty() {
            changes.push(Change::NoDescription);
            tool.title.clone().unwrap_or_else(|| format!("Calls {name}."))
        } else {
            tool.description.clone()
        };
        let is_open = tool.parameters.as_object().is_some_and(publish::is_open);
        if is_open && typing == Typing::Checked {
            changes.push(Change::OpenArguments);
        }
        if !tool.others.is_empty() {
            changes.push(Change::LeftOut { members: tool.others.clone() });
        }
        let hints = guess::hints(tool, &mut changes);
        let (fields, parameters) = publish::arguments(&tool.parameters, typing);
        let (returned, returns, result_notes) = match &tool.returns {
            Some(schema) => {
                let (shape, is_nullable, published) = publish::result(schema, typing);
                (Returned::Structured { shape, is_nullable }, Some(published.schema), published.notes)
            }
            None if has_media(calls, &tool.name) => (Returned::Content, None, Vec::new()),
            None => (Returned::Text, None, Vec::new()),
        };
        let values = fields.iter().map(|field| field.shape.values()).sum::<usize>()
            + if let Returned::Structured { shape, .. } = &returned { shape.values() } else { 0 };
        let mut ported = Self {
            name,
            module,
            title: tool.title.clone(),
            description,
            level: guess::level(&hints),
            hints,
            parameters: parameters.schema,
            returns,
            source: String::new(),
            arguments: fields.len(),
            values,
            closed: parameters.newly_closed,
            changes,
            notes: parameters.notes,
            result_notes,
        };
        ported.source = writer.source(&Function { tool: &ported, arguments: &fields, returned: &returned });
        ported
    }
}

/// Returns whether a recorded answer of the tool is something else than one text.
fn has_media(calls: &RecordedCalls, tool: &str) -> bool {
    let of_tool = calls.iter().filter(|(_, call)| call.tool == tool);
    let mut contents = of_tool.filter_map(|(_, call)| {
        let is_error = call.response.pointer("/result/isError") == Some(&Value::Bool(true));
        if is_error { None } else { call.response.pointer("/result/content")?.as_array() }
    });
    contents.any(|items| {
        items.len() > 1 || items.iter().any(|item| item.get("type").and_then(Value::as_str) != Some("text"))
    })
}
