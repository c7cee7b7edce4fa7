//! Assertions about the tool's log.

use crate::answer::Answer;
use crate::mode::Mode;

impl Answer {
    /// Asserts that the tool's log contains `part`.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("import", json!({ "file": "/data/a.csv" })).assert_log("line 7: skipped");
    /// ```
    ///
    /// # Panics
    /// Panics if the log does not contain it.
    #[track_caller]
    pub fn assert_log(&self, part: &str) -> &Self {
        if !self.log().contains(part) {
            let empty = if self.log().is_empty() { ": it is empty" } else { "" };
            let hint = match self.mode() {
                Mode::Sandboxed => "",
                Mode::Native => {
                    " (in a native run it contains the lines of `mpp::log!`; `eprintln!` writes to the test's own output)"
                }
            };
            self.fail(&format!("the log does not contain `{part}`{empty}{hint}"));
        }
        self
    }

    /// Asserts that the tool's log does not contain `part`; `""` asserts that the log is empty.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_not_logged("");
    /// ```
    ///
    /// # Panics
    /// Panics if the log contains it.
    #[track_caller]
    pub fn assert_not_logged(&self, part: &str) -> &Self {
        let is_there = if part.is_empty() { !self.log().is_empty() } else { self.log().contains(part) };
        if is_there {
            match part {
                "" => self.fail("the log is not empty"),
                part => self.fail(&format!("the log contains `{part}`; expected it not to")),
            }
        }
        self
    }
}
