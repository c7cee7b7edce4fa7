//! `REPORT.md`: what a port accepts and refuses otherwise than the original, and what its types do not say.

use mpp_mcp::inventory::{Evidence, Inventory};
use mpp_mcp::scaffold::{Note, PortedTool};

use super::layout::Words;
use super::{PortedServer, shown};

pub(super) fn page(words: &Words, server: &PortedServer) -> String {
    let tools = &server.port.tools;
    let sum = |count: fn(&PortedTool) -> usize| tools.iter().map(count).sum::<usize>();
    let version = server.original.version.as_deref().map(|version| format!(" {}", shown(version))).unwrap_or_default();
    let mut text = format!(
        "# Report\n\n\
         Differences between the MCP server {}{version} and this port, as `{} new` found them. The published schemas are the\n\
         original's, in `schemas`; the host checks every call against them. This page lists the exceptions.\n\n\
         | | |\n|---|---|\n| tools | {} |\n| arguments | {} |\n| {} in the types | {} |\n",
        shown(server.name()),
        words.program,
        tools.len(),
        sum(|tool| tool.arguments),
        words.values,
        sum(|tool| tool.values),
    );
    let closed = sum(|tool| tool.closed);
    text.push_str(&format!("| objects that refuse unknown keys only in the port | {closed} |\n"));
    text.push_str(&format!("| recorded calls | {} |\n\n## In every tool\n\n", server.port.calls.iter().count()));
    text.push_str(
        "- **Unknown keys are refused**, with the nearest known one, in the arguments and in nested objects that have a type of their\n  \
         own. The original accepts and ignores them where its schema says nothing about them.\n",
    );
    text.push_str(
        "- **`null` means absent** for an argument that can be omitted. The original refuses it unless the schema allows it.\n",
    );
    text.push_str(words.numbers);
    let about: String = tools.iter().map(|tool| of_tool(words, tool)).collect();
    if about.is_empty() {
        text.push_str("\nNothing else differs.\n");
    } else {
        text.push_str(&about);
    }
    let inventory = server.original.inventory.as_ref();
    text.push_str(&inventory.map(|found| dependencies(words, found)).unwrap_or_default());
    text
}

/// Returns the section about what the original was seen to use.
fn dependencies(words: &Words, inventory: &Inventory) -> String {
    let mut text = format!(
        "\n## What the original depends on\n\n\
         As captured; `{} inventory` shows the rest. Complexity: **{}**.\n\n",
        words.program,
        inventory.complexity.name()
    );
    let mut unseen = Vec::new();
    for dependency in &inventory.dependencies {
        let how = match dependency.evidence {
            Evidence::Observed => "observed",
            Evidence::Suggested => "suggested",
            _ => {
                unseen.push(dependency.kind.name());
                continue;
            }
        };
        text.push_str(&format!("- {} ({how}): {}\n", dependency.kind.name(), shown(&dependency.items.join("; "))));
    }
    if !unseen.is_empty() {
        text.push_str(&format!("- not observed: {}\n", unseen.join(", ")));
    }
    text
}

fn of_tool(words: &Words, tool: &PortedTool) -> String {
    let value = format!("is {} in the code: the schema ", words.value);
    let mut lines: Vec<String> =
        tool.changes.iter().map(|change| format!("- The tool {}.\n", shown_code(&change.to_string()))).collect();
    for (side, notes) in [("parameters", &tool.notes), ("returns", &tool.result_notes)] {
        let mut notes: Vec<&Note> = notes.iter().collect();
        notes.sort_by_key(|note| !note.reason.changes_acceptance());
        for note in notes {
            let place =
                if note.pointer.is_empty() { side.to_owned() } else { format!("{side} {}", shown(&note.pointer)) };
            let so = match note.reason {
                reason if reason.changes_acceptance() => "**differs**: ",
                reason if reason.is_value() => &value,
                _ => "",
            };
            lines.push(format!("- {place} {so}{}.\n", note.reason.text()));
        }
    }
    if lines.is_empty() { String::new() } else { format!("\n## `{}`\n\n{}", tool.name, lines.concat()) }
}

/// Returns the text with code spans kept: only names of ours contain none.
fn shown_code(text: &str) -> String {
    text.replace('\n', " ")
}
