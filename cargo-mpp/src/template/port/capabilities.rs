//! The `Cargo.toml` of a port: what the server is called, and guesses about the capabilities of the package.

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
    let mut out = String::from(
        "\n# The capabilities are GUESSES from the names of tools and arguments: nobody has observed what the original uses. A tool has no\n\
         # access to anything that is not declared, so declare what the port needs, and remove the other lines.\n\
         [package.metadata.mpp.capabilities]\n",
    );
    let examples = [
        (Access::Network, "network = [\"api.example.com\"]"),
        (Access::Read, "filesystem.read = [\"/data\"]"),
        (Access::Write, "filesystem.write = [\"/data\"]"),
    ];
    let mut is_empty = true;
    for (access, example) in examples {
        let found: Vec<_> = server.port.guesses.iter().filter(|guess| guess.access == access).collect();
        if found.is_empty() {
            continue;
        }
        is_empty = false;
        let reasons: Vec<String> =
            found.iter().take(REASONS).map(|guess| format!("`{}` {}", guess.tool, one_line(&guess.because))).collect();
        let more = found.len().saturating_sub(REASONS);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        out.push_str(&format!("# guess: {}{more}\n# {example}\n", reasons.join(", ")));
    }
    if is_empty {
        out.push_str("# guess: none; no tool takes a path, a file or a URL\n");
    }
    out
}

/// Returns text on one line, so that a comment stays one.
fn one_line(text: &str) -> String {
    mpp_mcp::scaffold::visible(text).replace(['\n', '\t'], " ")
}
