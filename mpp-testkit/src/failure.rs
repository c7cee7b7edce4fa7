//! How a test fails: one panic, one message.

use std::fmt::Display;

/// Ends the test with what happened and what to do about it.
#[track_caller]
#[expect(clippy::panic, reason = "a failed assertion is a panic: that is what the test harness reports")]
pub(crate) fn fail(message: impl Display, help: &str) -> ! {
    if help.is_empty() { panic!("{message}") } else { panic!("{message}\n\nhelp: {help}") }
}

/// Indents a block of text under a title; nothing for an empty text.
pub(crate) fn block(title: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let lines: Vec<String> = text.trim_end().lines().map(|line| format!("  | {line}")).collect();
    format!("\n\n{title}\n{}", lines.join("\n"))
}
