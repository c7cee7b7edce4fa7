//! Assertions about an answer, and the messages of those that fail.

pub(crate) mod changes;
mod denied;
pub(crate) mod describe;
mod error;
mod log;
mod redacted;
mod result;
mod usage;

use mpp_sdk::wire::ErrorKind;
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::{block, fail};
use crate::mode::Mode;

impl Answer {
    /// Ends the test with a message, notes about the likely cause, the call, its answer and its log.
    #[track_caller]
    pub(crate) fn fail(&self, message: &str) -> ! {
        if self.is_success() {
            let answer = self.response();
            let answer = describe::pretty(answer.get("result").unwrap_or(&Value::Null));
            let answer = block(&format!("the answer of {}:", self.call()), &answer);
            fail(format_args!("{message}{answer}{}", block("its log:", self.log())), "")
        }
        let is_crash = self.error().kind() == Some(ErrorKind::ToolCrashed);
        let log = if is_crash { describe::log_before_panic(self.log()) } else { self.log() };
        let (notes, answer, log) = (self.notes(message), self.error_answer(message), block("its log:", log));
        fail(format_args!("{message}{notes}{answer}{log}"), "")
    }

    /// Returns notes about the usual cause of such an error, unless the message contains them.
    fn notes(&self, message: &str) -> String {
        let mut notes = String::new();
        if self.error().kind() == Some(ErrorKind::Timeout) && self.mode() == Mode::Native {
            notes.push_str("\nnote: without `MPP_TEST_MODE=native`, in the sandbox, this message names the line at which the tool was");
        }
        let places = self.report().redactions.places.iter();
        let repeated: Vec<&str> = places.filter(|place| place.pointer == "/message").map(|place| place.id).collect();
        if let (Some(id), false) = (repeated.first(), message.contains("the privacy filter")) {
            notes.push_str(&format!(
                "\nnote: the error message contains personal data (`{}`), which the privacy filter redacts for every caller. Leave \
                 it out of the message, or expect the redaction:\n  .assert_redacted(\"/message\", {id:?})",
                repeated.join("`, `")
            ));
        }
        notes
    }

    /// Returns the call, and its error unless the message already contains it.
    fn error_answer(&self, message: &str) -> String {
        let error = describe::error(self.error(), self.log());
        match message.contains(&error) {
            true => format!("\n\nthe call: {}", self.call()),
            false => {
                let mut answer = self.response();
                if let Some(data) = answer.pointer_mut("/error/data").and_then(Value::as_object_mut) {
                    data.shift_remove("backtrace");
                }
                let answer = answer.get("error").unwrap_or(&Value::Null);
                block(&format!("the answer of {}:", self.call()), &describe::pretty(answer))
            }
        }
    }

    /// Returns a note for a comparison that found a redaction where another value was expected.
    pub(crate) fn redaction_note(&self, expected: &str, found: &str) -> String {
        if expected.contains("[REDACTED:") || !found.contains("[REDACTED:") {
            return String::new();
        }
        let places = self.report().redactions.places.iter();
        let lines: Vec<String> =
            places.map(|place| format!("  .assert_redacted({:?}, {:?})", place.pointer, place.id)).collect();
        format!(
            "\nnote: the privacy filter redacts personal data for every caller. If the redaction is expected, assert it:\n{}",
            lines.join("\n")
        )
    }
}
