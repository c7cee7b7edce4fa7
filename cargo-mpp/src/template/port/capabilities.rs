//! The `Cargo.toml` of a port: what the server is called, and guesses about the capabilities of the package.

use super::guesses::{self, Guessed, one_line};
use super::{PortedServer, description};

/// The line of the template after which the capabilities are declared.
const AFTER: &str = "privacy_filters = ";

/// Returns the template's text with the description of the port and guesses about its capabilities.
pub(super) fn declared(template: &str, server: &PortedServer) -> String {
    let mut out = String::new();
    for line in template.lines() {
        if line.starts_with("description = ") {
            out.push_str(&format!("description = {}\n", toml::Value::String(description(server))));
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if line.starts_with(AFTER) {
            out.push_str(&section(server));
        }
    }
    out
}

fn section(server: &PortedServer) -> String {
    let is_observed = server.original.inventory.is_some();
    let origin = match is_observed {
        true => {
            "from what the original did while it was captured, and from the names of\n\
             # tools and arguments. It may do more in calls that the capture does not contain, and the port may need less. A tool has no\n"
        }
        false => "from the names of tools and arguments: nobody has observed what the original uses. A tool has no\n",
    };
    let mut out = format!(
        "\n# The capabilities are GUESSES {origin}\
         # access to anything that is not declared, so declare what the port needs, and remove the other lines.\n\
         [package.metadata.mpp.capabilities]\n"
    );
    let guesses = guesses::of(server);
    guesses.iter().for_each(|guess| out.push_str(&line(guess)));
    match (guesses.is_empty(), is_observed) {
        (true, false) => out.push_str("# guess: none; no tool takes a path, a file or a URL\n"),
        (true, true) => out.push_str("# guess: none; nothing was observed that a package must declare\n"),
        (false, _) => {}
    }
    out
}

fn line(guess: &Guessed) -> String {
    let values = guess.values.iter().map(|value| toml::Value::String(one_line(value))).collect();
    format!("# guess: {}\n# {} = {}\n", guess.because, guess.key, toml::Value::Array(values))
}
