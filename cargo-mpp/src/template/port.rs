//! Projects that continue an MCP server: the files of a template, with the tools of the server in place of its own.

mod capabilities;
mod pages;
mod report;

use mpp_mcp::scaffold::{Original, Port};
use serde_json::Value;

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

/// A generated file: its path in the project, and its text.
type File = (String, String);

/// Recorded calls, if there are any.
pub(super) const CALLS: &str = "fixtures/calls.jsonl";
/// The definitions that the package publishes, for a test.
const DEFINITIONS: &str = "original/definitions.json";

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

/// Returns the files of the project `name`, made from those of the template `tool`.
pub(super) fn files(server: &PortedServer, name: &str, template: impl Iterator<Item = File>) -> Vec<File> {
    let mut files: Vec<File> = template
        .filter(|(path, _)| !path.starts_with("src/") && path != "README.md")
        .map(
            |(path, text)| {
                if path == "Cargo.toml" { (path, capabilities::declared(&text, server)) } else { (path, text) }
            },
        )
        .collect();
    let mut add = |path: String, text: String| files.push((path, text));
    add("src/main.rs".to_owned(), pages::main(server));
    add("src/tools.rs".to_owned(), pages::tools(server));
    add("src/tests.rs".to_owned(), pages::tests(server));
    for tool in &server.port.tools {
        add(format!("src/tools/{}.rs", tool.module), tool.source.clone());
        add(tool.parameters_file(), pretty(&tool.parameters));
        if let Some(returns) = &tool.returns {
            add(tool.returns_file(), pretty(returns));
        }
    }
    add(DEFINITIONS.to_owned(), pretty(&serde_json::json!(server.port.definitions())));
    if !server.port.calls.is_empty() {
        add(CALLS.to_owned(), server.port.calls.to_string());
    }
    add("README.md".to_owned(), pages::readme(server, name));
    add("NEXT.md".to_owned(), pages::next(server, name));
    add("REPORT.md".to_owned(), report::page(server));
    files
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
