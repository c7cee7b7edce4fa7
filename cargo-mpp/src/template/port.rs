//! Projects that continue an MCP server: the files of a template, with the tools of the server in place of its own.

mod capabilities;
mod cases;
mod guesses;
mod layout;
mod next;
mod python;
mod report;
mod rust;
mod script;

use mpp_mcp::scaffold::{Original, Port};
use serde_json::Value;

use self::layout::{File, Layout};
use self::python::Python;
use self::rust::Rust;
use self::script::Script;

/// The MCP server that a project continues.
#[derive(Debug, Clone)]
pub struct PortedServer {
    /// Where its definitions come from, as the user gave it: a file, a command or a URL.
    pub origin: String,
    /// What it says about itself.
    pub original: Original,
    /// Its tools as those of a package.
    pub port: Port,
}

/// Recorded calls, if there are any.
const CALLS: &str = "fixtures/calls.jsonl";
/// The definitions that the package publishes, for a test.
const DEFINITIONS: &str = "original/definitions.json";

/// The templates that can take the tools of a server, and their layouts.
const LAYOUTS: &[(&str, &dyn Layout)] =
    &[("tool", &Rust), ("python", &Python), ("ts", &Script { ending: "ts" }), ("js", &Script { ending: "js" })];

/// Returns the layout of a port that is made from this template; `None` if there is none.
pub(super) fn layout(template: &str) -> Option<&'static dyn Layout> {
    LAYOUTS.iter().find(|(name, _)| *name == template).map(|(_, layout)| *layout)
}

impl PortedServer {
    /// Returns the name of the server, or where its definitions come from.
    #[must_use]
    pub fn name(&self) -> &str {
        self.original.name.as_deref().unwrap_or(&self.origin)
    }

    /// Returns the arguments of a first `mpp run .`, which need a tool without required arguments or with a recorded call.
    pub(super) fn first_call(&self) -> Option<String> {
        let recorded = self.port.calls.iter().next().map(|(_, call)| (call.tool.as_str(), call.arguments.to_string()));
        let plain = self
            .port
            .tools
            .iter()
            .find(|tool| tool.parameters.get("required").and_then(Value::as_array).is_none_or(Vec::is_empty));
        let (tool, arguments) = recorded.or_else(|| Some((plain?.name.as_str(), "{}".to_owned())))?;
        let is_short = arguments.len() < 80 && !arguments.contains('\'');
        is_short.then(|| format!("--tool {tool} --args '{arguments}'"))
    }
}

/// Returns the files of the project `name`, made from those of a template.
pub(super) fn files(
    layout: &dyn Layout,
    server: &PortedServer,
    name: &str,
    template: impl Iterator<Item = File>,
) -> Vec<File> {
    let mut files = layout.files(server, name, template.collect());
    let mut add = |path: String, text: String| files.push((path, text));
    for tool in &server.port.tools {
        add(layout.source(tool), tool.source.clone());
        add(tool.parameters_file(), pretty(&tool.parameters));
        if let Some(returns) = &tool.returns {
            add(tool.returns_file(), pretty(returns));
        }
    }
    add(DEFINITIONS.to_owned(), pretty(&serde_json::json!(server.port.definitions())));
    if !server.port.calls.is_empty() {
        add(CALLS.to_owned(), server.port.calls.to_string());
    }
    add("REPORT.md".to_owned(), report::page(&layout.words(), server));
    files
}

/// Returns the description of the package, on one line.
fn description(server: &PortedServer) -> String {
    guesses::one_line(&format!("Port of the MCP server {}", server.name()))
}

/// Returns the template's `manifest.json` with the description of the port.
fn manifest(template: &str, server: &PortedServer) -> String {
    let Ok(mut manifest) = serde_json::from_str::<Value>(template) else { return template.to_owned() };
    manifest["description"] = Value::from(description(server));
    pretty(&manifest)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Returns text of a server for a page of Markdown: on one line, without characters that would be taken for markup or cannot be seen.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for char in mpp_mcp::scaffold::visible(text).chars() {
        match char {
            '\n' | '\t' => out.push(' '),
            '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '\\' | '#' => {
                out.push('\\');
                out.push(char);
            }
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests;
