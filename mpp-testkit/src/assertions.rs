//! What a test says about an answer, and what it is told where that is not so.

mod denied;
mod failed;
mod log;
mod redacted;
mod result;
mod used;

use serde_json::Value;

use crate::answer::Answer;
use crate::explain;
use crate::failure::{block, fail};

impl Answer {
    /// Ends the test with what is wrong, the call, its answer and its log.
    #[track_caller]
    pub(crate) fn fail(&self, message: &str) -> ! {
        let said = match self.is_success() {
            true => {
                let answer = self.response();
                block(
                    &format!("the answer of {}:", self.call()),
                    &explain::pretty(answer.get("result").unwrap_or(&Value::Null)),
                )
            }
            false => self.failed(message),
        };
        let log = block("its log:", self.log());
        fail(format_args!("{message}{said}{log}"), "")
    }

    /// The call, and its error unless the message has it already.
    fn failed(&self, message: &str) -> String {
        let error = explain::error(self.error(), self.log());
        match message.contains(&error) {
            true => format!("\n\nthe call: {}", self.call()),
            false => {
                let mut answer = self.response();
                if let Some(data) = answer.pointer_mut("/error/data").and_then(Value::as_object_mut) {
                    data.remove("backtrace");
                }
                let answer = answer.get("error").unwrap_or(&Value::Null);
                block(&format!("the answer of {}:", self.call()), &explain::pretty(answer))
            }
        }
    }

    /// Where something was redacted that a comparison found in place of what was expected: why, and what to write.
    pub(crate) fn redaction_note(&self, expected: &str, found: &str) -> String {
        if expected.contains("[REDACTED:") || !found.contains("[REDACTED:") {
            return String::new();
        }
        let places = self.report().redactions.places.iter();
        let lines: Vec<String> =
            places.map(|place| format!("  .assert_redacted({:?}, {:?})", place.pointer, place.id)).collect();
        format!(
            "\nThe privacy filter took out what is personal, as it does for every caller. If that is what you want:\n{}",
            lines.join("\n")
        )
    }
}
