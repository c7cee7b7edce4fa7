//! Every way out of the sandbox that was tried, and how it was refused; those over the network are in `network/escapes.rs`:
//! `cargo test -p mpp-host --test sandbox escapes -- --nocapture`.

#[path = "escapes/environment.rs"]
mod environment;
#[path = "escapes/files.rs"]
mod files;
#[path = "escapes/imports.rs"]
mod imports;

use std::fmt::Write as _;

/// What was tried and how it ended, for people; and what ended otherwise than it had to.
pub(crate) struct Table {
    text: String,
    wrong: Vec<String>,
}

impl Table {
    /// `told` is the heading of the last column.
    pub(crate) fn new(kind: &str, told: &str) -> Self {
        Self { text: format!("\n{kind:<62} {:<12} {told}\n", "ended"), wrong: Vec::new() }
    }

    /// An attempt that ended like this; `expected` is how it had to end, where it did not.
    pub(crate) fn row(&mut self, what: &str, ended: &str, told: &str, expected: Option<String>) {
        let told: String = told.chars().take(110).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(self.text, "{what:<62} {ended:<12} {}", told.trim_end());
        if let Some(expected) = expected {
            self.wrong.push(format!("{what}: expected {expected}"));
        }
    }

    /// Prints the table; all of it must be as expected.
    #[expect(clippy::print_stdout, reason = "the table is for people")]
    pub(crate) fn done(self) {
        print!("{}", self.text);
        assert!(self.wrong.is_empty(), "{:#?}{}", self.wrong, self.text);
    }
}
