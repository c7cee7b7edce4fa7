//! Assertions about calls that fail.

use crate::answer::Answer;
use crate::difference;
use crate::explain::{self, code};

impl Answer {
    /// The call gave a result.
    ///
    /// # Panics
    /// Where it failed, with the error and, of a crash, the lines that led to it.
    #[track_caller]
    pub fn assert_success(&self) -> &Self {
        self.success();
        self
    }

    /// The call failed with this error: a `kind` of the protocol (`invalid_arguments`, `timeout` …) or the tool's own
    /// code.
    ///
    /// # Panics
    /// Where it succeeded or failed otherwise.
    #[track_caller]
    pub fn assert_error(&self, expected: &str) -> &Self {
        let error = self.error();
        let kind = error.kind().map(|kind| kind.as_str());
        if kind != Some(expected) && code(error) != expected {
            self.fail(&format!("expected the error `{expected}`, found {}", explain::error(error, self.log())));
        }
        self
    }

    /// Trying again may help, says the error.
    ///
    /// # Panics
    /// Where the call succeeded, or the error does not say so.
    #[track_caller]
    pub fn assert_retryable(&self) -> &Self {
        if !self.error().is_retryable() {
            self.fail("the error does not say that trying again may help; `retryable` in `#[error(…)]` says it");
        }
        self
    }

    /// Trying again does not help, says the error.
    ///
    /// # Panics
    /// Where the call succeeded, or the error says that it may help.
    #[track_caller]
    pub fn assert_not_retryable(&self) -> &Self {
        if self.error().is_retryable() {
            self.fail("the error says that trying again may help");
        }
        self
    }

    /// The message of the error is this.
    ///
    /// # Panics
    /// Where the call succeeded or says something else.
    #[track_caller]
    pub fn assert_message(&self, expected: &str) -> &Self {
        let found = &self.error().message;
        if expected != found {
            let note = self.redaction_note(expected, found);
            self.fail(&format!("the message is another than expected\n{}{note}", difference::lines(expected, found)));
        }
        self
    }

    /// The message of the error contains this.
    ///
    /// # Panics
    /// Where the call succeeded, or the message does not.
    #[track_caller]
    pub fn assert_message_contains(&self, part: &str) -> &Self {
        if !self.error().message.contains(part) {
            self.fail(&format!("the message does not contain `{part}`"));
        }
        self
    }
}
