//! Renders the results of `mpp capture` and `mpp inventory`.

use anstyle::Style;
use mpp_mcp::inventory::{Complexity, Evidence, SuggestedCapabilities};

use super::Human;
use crate::reports::capture::{Captured, ServerInventory, counted};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text, WARN};

impl Human for Captured {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.line(self.sentence());
        if let Some(driven) = &self.driven {
            let errors = if driven.errors == 0 { String::new() } else { format!(", {} with an error", driven.errors) };
            text.line(format!(
                "  {}, {} answered{errors}",
                counted(driven.tools as u64, "tool"),
                counted(driven.calls as u64, "call")
            ));
        }
    }
}

impl Human for ServerInventory {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let inventory = &self.inventory;
        text.styled(BOLD, inventory.server.as_deref().unwrap_or("a server that did not introduce itself"));
        text.line(format!("  {}", self.file));
        for tool in &inventory.tools {
            let errors = if tool.errors == 0 { String::new() } else { format!(", {} with an error", tool.errors) };
            let unlisted = if tool.is_listed { "" } else { ", not listed" };
            text.line(format!("  {}: {}{errors}{unlisted}", tool.name, counted(tool.calls as u64, "call")));
        }
        text.end().styled(BOLD, "Dependencies").end();
        for dependency in &inventory.dependencies {
            let (style, words) = match dependency.evidence {
                Evidence::Observed => (GOOD, "observed"),
                Evidence::Suggested => (WARN, "suggested"),
                _ => (DIM, "not observed"),
            };
            text.add(format!("  {:<17} ", dependency.kind.name())).styled(style, words).end();
            dependency.items.iter().for_each(|item| {
                text.line(format!("    {item}"));
            });
        }
        text.end().styled(BOLD, "Capabilities that a package would declare").end();
        capabilities(text, &inventory.capabilities);
        text.end()
            .styled(BOLD, "Complexity")
            .add(": ")
            .styled(level(inventory.complexity), inventory.complexity.name())
            .end();
        inventory.reasons.iter().for_each(|reason| {
            text.line(format!("  {reason}"));
        });
        if !inventory.gaps.is_empty() {
            text.end().styled(BOLD, "What the capture does not show").end();
            inventory.gaps.iter().for_each(|gap| {
                text.line(format!("  {gap}"));
            });
        }
        for oddity in &inventory.oddities {
            text.styled(WARN, "odd").line(format!(": line {}: {}", oddity.line, oddity.what));
        }
    }
}

fn capabilities(text: &mut Text, found: &SuggestedCapabilities) {
    let lists =
        [("network", &found.network), ("read", &found.read), ("write", &found.write), ("env_vars", &found.env_vars)];
    let lists: Vec<_> = lists.into_iter().filter(|(_, list)| !list.is_empty()).collect();
    for (name, list) in &lists {
        text.line(format!("  {name}: {}", list.iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    if lists.is_empty() {
        text.line("  the capture shows no need of any");
    }
}

fn level(complexity: Complexity) -> Style {
    match complexity {
        Complexity::Low => GOOD,
        Complexity::Medium => WARN,
        _ => BAD,
    }
}
