//! Ends a test with one panic and one message.

use std::fmt::Display;

/// A failure before or after a call: a message, and help that says what to change.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// Ends the test.
    #[track_caller]
    pub(crate) fn fail(self) -> ! {
        fail(self.message, &self.help)
    }
}

/// Ends the test with a message and, unless it is empty, help.
#[track_caller]
#[expect(clippy::panic, reason = "a failed assertion is a panic: that is what the test harness reports")]
pub(crate) fn fail(message: impl Display, help: &str) -> ! {
    if help.is_empty() { panic!("{message}") } else { panic!("{message}\n\nhelp: {help}") }
}

/// Indents a block of text under a title; returns nothing for an empty text.
pub(crate) fn block(title: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let lines: Vec<String> = text.trim_end().lines().map(|line| format!("  | {line}")).collect();
    format!("\n\n{title}\n{}", lines.join("\n"))
}

/// `a`, `b` and so on in backticks, separated by commas; `none` for an empty list.
pub(crate) fn listed(names: impl IntoIterator<Item = impl Display>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
