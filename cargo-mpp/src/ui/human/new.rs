//! Renders the results of `mpp new`.

use super::Human;
use crate::reports::project::NewResult;
use crate::ui::text::{BOLD, GOOD, Text};

impl Human for NewResult {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "created").add(" ").styled(BOLD, &self.path).end();
        self.files.iter().for_each(|file| {
            text.add("  ").line(file);
        });
        self.kept.iter().for_each(|file| {
            text.add("  ").add(file).line(" (yours, left as it is)");
        });
        if let Some(port) = &self.port {
            text.add("port of ").add(&port.server).add(": ").line(format!(
                "{} with {}, {}, {} from the original, {}",
                counted(port.tools, "tool"),
                counted(port.arguments, "argument"),
                counted(port.values, "untyped value"),
                counted(port.differences, "difference"),
                counted(port.calls, "recorded call"),
            ));
        }
    }
}

/// Returns the number with its noun.
fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
