//! The `Cargo.toml` of a port: what the server is called, and guesses about the capabilities of the package.

use std::collections::BTreeSet;

use mpp_mcp::scaffold::Access;

use super::PortedServer;

/// The line of the template after which the capabilities are declared.
const AFTER: &str = "privacy_filters = ";
/// Most reasons that are given for one guess.
const REASONS: usize = 3;

/// Returns the template's text with the description of the port and guesses about its capabilities.
pub(super) fn declared(template: &str, server: &PortedServer) -> String {
    let mut out = String::new();
    for line in template.lines() {
        if line.starts_with("description = ") {
            let description = format!("Port of the MCP server {}", server.name());
            out.push_str(&format!("description = {}\n", toml::Value::String(one_line(&description))));
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if line.starts_with(AFTER) {
            out.push_str(&guesses(server));
        }
    }
    out
}

fn guesses(server: &PortedServer) -> String {
    let observed = server.original.inventory.as_ref().map(|inventory| &inventory.capabilities);
    let origin = match observed {
        Some(_) => {
            "from what the original did while it was captured, and from the names of\n\
             # tools and arguments. It may do more in calls that the capture does not contain, and the port may need less. A tool has no\n"
        }
        None => "from the names of tools and arguments: nobody has observed what the original uses. A tool has no\n",
    };
    let mut out = format!(
        "\n# The capabilities are GUESSES {origin}\
         # access to anything that is not declared, so declare what the port needs, and remove the other lines.\n\
         [package.metadata.mpp.capabilities]\n"
    );
    let lines: String = [
        (Some(Access::Network), "network", "connects to", observed.map(|found| &found.network)),
        (Some(Access::Read), "filesystem.read", "reads files in", observed.map(|found| &found.read)),
        (Some(Access::Write), "filesystem.write", "writes files in", observed.map(|found| &found.write)),
        (None, "env_vars", "was given", observed.map(|found| &found.env_vars)),
    ]
    .into_iter()
    .filter_map(|(access, key, verb, found)| match found.filter(|found| !found.is_empty()) {
        Some(found) => Some(seen(key, verb, found)),
        None => named(server, access?, key),
    })
    .collect();
    match (lines.as_str(), observed) {
        ("", None) => out.push_str("# guess: none; no tool takes a path, a file or a URL\n"),
        ("", Some(_)) => out.push_str("# guess: none; nothing was observed that a package must declare\n"),
        (lines, _) => out.push_str(lines),
    }
    out
}

/// Returns the guess that the port needs what the original was seen to use.
fn seen(key: &str, verb: &str, found: &BTreeSet<String>) -> String {
    let values = found.iter().map(|value| toml::Value::String(one_line(value))).collect();
    format!("# guess: the original {verb} these\n# {key} = {}\n", toml::Value::Array(values))
}

/// Returns the guess that the names of tools and arguments suggest, with an example of a value.
fn named(server: &PortedServer, access: Access, key: &str) -> Option<String> {
    let found: Vec<_> = server.port.guesses.iter().filter(|guess| guess.access == access).collect();
    if found.is_empty() {
        return None;
    }
    let reasons: Vec<String> =
        found.iter().take(REASONS).map(|guess| format!("`{}` {}", guess.tool, one_line(&guess.because))).collect();
    let more = match found.len().saturating_sub(REASONS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let example = if access == Access::Network { "api.example.com" } else { "/data" };
    Some(format!("# guess: {}{more}\n# {key} = [\"{example}\"]\n", reasons.join(", ")))
}

/// Returns text on one line, so that a comment stays one.
fn one_line(text: &str) -> String {
    mpp_mcp::scaffold::visible(text).replace(['\n', '\t'], " ")
}
