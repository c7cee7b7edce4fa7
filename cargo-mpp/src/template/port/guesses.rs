//! Guesses about the capabilities that a port needs: from what the original was seen to use, or else from names in its definitions.

use std::collections::BTreeSet;

use mpp_mcp::scaffold::{Access, visible};

use super::PortedServer;

/// Most reasons that are given for one guess.
const REASONS: usize = 3;

/// A capability that the port may need.
#[derive(Debug)]
pub(super) struct Guessed {
    /// The key in the manifest, for example `filesystem.read`.
    pub(super) key: &'static str,
    /// The reason, on one line.
    pub(super) because: String,
    /// The values to declare, or an example of one.
    pub(super) values: Vec<String>,
}

/// Returns the guesses about the capabilities of a port.
pub(super) fn of(server: &PortedServer) -> Vec<Guessed> {
    let observed = server.original.inventory.as_ref().map(|inventory| &inventory.capabilities);
    [
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
    .collect()
}

/// Returns the guess that the port needs what the original was seen to use.
fn seen(key: &'static str, verb: &str, found: &BTreeSet<String>) -> Guessed {
    let values = found.iter().map(|value| one_line(value)).collect();
    Guessed { key, because: format!("the original {verb} these"), values }
}

/// Returns the guess that the names of tools and arguments suggest, with an example of a value.
fn named(server: &PortedServer, access: Access, key: &'static str) -> Option<Guessed> {
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
    Some(Guessed { key, because: format!("{}{more}", reasons.join(", ")), values: vec![example.to_owned()] })
}

/// Returns text on one line, so that a comment stays one.
pub(super) fn one_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}
