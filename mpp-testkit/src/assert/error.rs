//! Assertions about errors.

use mpp_recording::line_diff;

use crate::answer::Answer;
use crate::assert::describe::{self, code};

impl Answer {
    /// Asserts that the call returned a result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_success();
    /// ```
    ///
    /// # Panics
    /// Panics if the call failed. The message contains the error and, for a crash, the lines of your code that led to it.
    #[track_caller]
    pub fn assert_success(&self) -> &Self {
        self.success();
        self
    }

    /// Asserts that the call failed with this error: a kind of the protocol (`invalid_arguments`, `timeout`, …) or the code of
    /// one of the tool's own errors.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({})).assert_error("invalid_arguments");
    /// tool.call("lookup", json!({ "query": "nobody" })).assert_error("not_found");
    /// ```
    ///
    /// # Panics
    /// Panics if the call succeeded, or failed with another error.
    #[track_caller]
    pub fn assert_error(&self, expected: &str) -> &Self {
        let error = self.error();
        let kind = error.kind().map(|kind| kind.as_str());
        if kind != Some(expected) && code(error) != expected {
            self.fail(&format!("expected the error `{expected}`, found {}", describe::error(error, self.log())));
        }
        self
    }

    /// Asserts that the error is marked as retryable.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| 503).load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_error("crm_down").assert_retryable();
    /// ```
    ///
    /// # Panics
    /// Panics if the call succeeded, or the error is not retryable.
    #[track_caller]
    pub fn assert_retryable(&self) -> &Self {
        if !self.error().is_retryable() {
            self.fail("expected a retryable error; mark it with `retryable` in `#[error(…)]`");
        }
        self
    }

    /// Asserts that the error is not marked as retryable.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "nobody" })).assert_error("not_found").assert_not_retryable();
    /// ```
    ///
    /// # Panics
    /// Panics if the call succeeded, or the error is retryable.
    #[track_caller]
    pub fn assert_not_retryable(&self) -> &Self {
        if self.error().is_retryable() {
            self.fail("expected an error that is not retryable");
        }
        self
    }

    /// Asserts the message of the error.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "" })).assert_message("the query is empty");
    /// ```
    ///
    /// # Panics
    /// Panics if the call succeeded, or the message differs.
    #[track_caller]
    pub fn assert_message(&self, expected: &str) -> &Self {
        let found = &self.error().message;
        if expected != found {
            let note = self.redaction_note(expected, found);
            self.fail(&format!("the error message is not as expected\n{}{note}", line_diff::diff(expected, found)));
        }
        self
    }

    /// Asserts that the message of the error contains `part`.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "nobody" })).assert_message_contains("try a part of the name");
    /// ```
    ///
    /// # Panics
    /// Panics if the call succeeded, or the message does not contain it.
    #[track_caller]
    pub fn assert_message_contains(&self, part: &str) -> &Self {
        if !self.error().message.contains(part) {
            self.fail(&format!("the error message does not contain `{part}`"));
        }
        self
    }
}
