//! Attempts to escape from the sandbox, and how each is refused. Those over the network are in `network/escapes.rs`. To
//! see the tables, run `cargo test -p mpp-host --test sandbox escape -- --nocapture`.

#[path = "escapes/environment.rs"]
mod environment;
#[path = "escapes/files.rs"]
mod files;
#[path = "escapes/imports.rs"]
mod imports;

use std::fmt::Write as _;

/// A readable table of attempts and their outcomes, and a list of the unexpected ones.
pub(crate) struct Table {
    text: String,
    wrong: Vec<String>,
}

impl Table {
    /// Creates a table. `told` is the heading of the last column.
    pub(crate) fn new(kind: &str, told: &str) -> Self {
        Self { text: format!("\n{kind:<62} {:<12} {told}\n", "ended"), wrong: Vec::new() }
    }

    /// Adds an attempt that ended like this. `expected` is the required outcome if it is a different one.
    pub(crate) fn row(&mut self, what: &str, ended: &str, told: &str, expected: Option<String>) {
        let told: String = told.chars().take(110).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(self.text, "{what:<62} {ended:<12} {}", told.trim_end());
        if let Some(expected) = expected {
            self.wrong.push(format!("{what}: expected {expected}"));
        }
    }

    /// Prints the table, and asserts that every outcome was as expected.
    #[expect(clippy::print_stdout, reason = "the table is for people")]
    pub(crate) fn done(self) {
        print!("{}", self.text);
        assert!(self.wrong.is_empty(), "{:#?}{}", self.wrong, self.text);
    }
}
