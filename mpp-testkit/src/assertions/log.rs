//! Assertions about what the tool wrote to stderr.

use crate::answer::Answer;
use crate::mode::Mode;

impl Answer {
    /// The tool's log contains this.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn assert_log(&self, part: &str) -> &Self {
        if !self.log().contains(part) {
            let empty = if self.log().is_empty() { ": it is empty" } else { "" };
            let hint = match self.mode() {
                Mode::Sandboxed => "",
                Mode::Native => {
                    " (natively it holds what `mpp::log!` wrote; `eprintln!` goes to the test's own output)"
                }
            };
            self.fail(&format!("the log does not contain `{part}`{empty}{hint}"));
        }
        self
    }

    /// The tool's log does not contain this; `""` says that it is empty.
    ///
    /// # Panics
    /// Where it does.
    #[track_caller]
    pub fn assert_not_logged(&self, part: &str) -> &Self {
        let is_there = if part.is_empty() { !self.log().is_empty() } else { self.log().contains(part) };
        if is_there {
            let what = if part.is_empty() { "something".to_owned() } else { format!("`{part}`") };
            self.fail(&format!("the tool wrote {what} to its log"));
        }
        self
    }
}
