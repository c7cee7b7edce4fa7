//! `NEXT.md` of a port whose manifest is a `manifest.json`: what is left to do.

use serde_json::{Value, json};

use super::guesses::{self, Guessed};
use super::layout::Layout;
use super::{CALLS, PortedServer, cases, shown};

/// What the steps say about the language.
pub(super) struct Steps {
    /// What bodies use in place of the original's I/O, as a sentence.
    pub(super) io: &'static str,
    /// Where the schemas are named, and what has to fit them.
    pub(super) types: &'static str,
    /// Where a tool's security level is.
    pub(super) level: &'static str,
    /// Where the error of a tool without a body is.
    pub(super) not_implemented: &'static str,
    /// The command that runs the project's own tests.
    pub(super) tests: &'static str,
}

/// Returns the page.
pub(super) fn page(layout: &dyn Layout, steps: &Steps, server: &PortedServer, name: &str) -> String {
    let tools = &server.port.tools;
    let mut text = format!(
        "# What to do next\n\n\
         The project `{name}` was made from the tool definitions of the MCP server {}. It builds, and every call answers\n\
         `not_implemented`. Do these steps in order, and delete this file after the last one.\n\n\
         1. **Read `REPORT.md`.** It lists where the port differs from the original.\n\
         2. **Declare the capabilities** in `manifest.json`. A tool has no access to anything that is not declared.\n{}\
         3. **Write the bodies**, one tool at a time. {}\n   {}\n",
        shown(server.name()),
        capabilities(server),
        steps.io,
        steps.types,
    );
    for tool in tools {
        text.push_str(&format!("   - [ ] `{}`, cases in `{}`\n", layout.source(tool), cases::path(tool)));
    }
    text.push_str(&format!(
        "4. **Check the security levels.** The level of each tool ({}) is a guess from its annotations:\n   `low` reads nothing private \
         and changes nothing, `medium` reads private data, `high` changes data, `critical` cannot\n   be undone.\n",
        steps.level
    ));
    if server.port.calls.is_empty() {
        text.push_str(
            "5. **Record calls of the original** with `mpp capture -o FILE -- COMMAND`, and compare the answers with\n   \
             `mpp replay FILE .`. Give the cases in `tests` arguments, and remove `skip`: `mpp test --update` adds what the tools answer.\n",
        );
    } else {
        text.push_str(&format!(
            "5. **Remove `skip`** in the cases in `tests`: they are the recorded calls ({}) of `{CALLS}`, each at the time at which it\n   \
             was recorded, with the answers of the original. `mpp test` lists those that wait. Errors have codes of their own in a\n   \
             package: choose them, here `failed` stands for all. Values that differ with every call are listed under `ignore`; what the\n   \
             privacy filter redacts is written by `mpp test --update`. `mpp replay FILE .` compares all calls of the capture.\n",
            server.port.calls.iter().count()
        ));
    }
    text.push_str(&format!(
        "6. **Remove `not_implemented`** from {}. `{}` checks that the published definitions are still the original's.\n\
         7. **Choose a `package_id`** in `manifest.json`, and build with your publisher key: `mpp keygen`, `mpp build`.\n",
        steps.not_implemented, steps.tests
    ));
    text
}

/// Returns the guesses about capabilities: JSON has no comments, so they are not in the manifest.
fn capabilities(server: &PortedServer) -> String {
    let guesses = guesses::of(server);
    let origin = match server.original.inventory.is_some() {
        true => "from what the original was seen to use, which `REPORT.md` lists, and from names",
        false => {
            "from the names of tools and arguments: nobody has observed what the original uses.\n   To learn it, look for its requests, \
             files and variables, or run `mpp capture --observe` and `mpp inventory`"
        }
    };
    let declared = match guesses.as_slice() {
        [] => return format!("   There is no guess ({origin}).\n"),
        guesses => format!("{:#}", json!({ "capabilities": declaration(guesses) })).replace('\n', "\n   "),
    };
    let reasons: String = guesses.iter().map(|guess| format!("   - `{}`: {}\n", guess.key, guess.because)).collect();
    format!(
        "   These are guesses {origin}.\n   Declare only what the port needs:\n\n   ```json\n   {declared}\n   ```\n\n{reasons}\n"
    )
}

fn declaration(guesses: &[Guessed]) -> Value {
    let mut out = json!({});
    for guess in guesses {
        match guess.key.split_once('.') {
            Some((group, key)) => out[group][key] = json!(guess.values),
            None => out[guess.key] = json!(guess.values),
        }
    }
    out
}
