//! What a test says about an answer, and what it is told where that is not so.

mod denied;
mod failed;
mod log;
mod redacted;
mod result;
mod used;

use mpp_sdk::wire::ErrorKind;
use serde_json::Value;

use crate::answer::Answer;
use crate::explain;
use crate::failure::{block, fail};
use crate::mode::Mode;

impl Answer {
    /// Ends the test with what is wrong, what may be behind it, the call, its answer and its log.
    #[track_caller]
    pub(crate) fn fail(&self, message: &str) -> ! {
        if self.is_success() {
            let answer = self.response();
            let answer = explain::pretty(answer.get("result").unwrap_or(&Value::Null));
            let said = block(&format!("the answer of {}:", self.call()), &answer);
            fail(format_args!("{message}{said}{}", block("its log:", self.log())), "")
        }
        let is_crash = self.error().kind() == Some(ErrorKind::ToolCrashed);
        let log = if is_crash { explain::log_before_panic(self.log()) } else { self.log() };
        let (notes, said, log) = (self.notes(message), self.failed(message), block("its log:", log));
        fail(format_args!("{message}{notes}{said}{log}"), "")
    }

    /// What is usually behind such an error, where the message does not say it.
    fn notes(&self, message: &str) -> String {
        let mut notes = String::new();
        if self.error().kind() == Some(ErrorKind::Timeout) && self.mode() == Mode::Native {
            notes.push_str("\nIn the sandbox, without `MPP_TEST_MODE=native`, this says at which line it was");
        }
        let places = self.report().redactions.places.iter();
        let repeated: Vec<&str> =
            places.filter(|place| place.pointer == "/message").map(|place| place.id.as_ref()).collect();
        if let (Some(id), false) = (repeated.first(), message.contains("The privacy filter")) {
            notes.push_str(&format!(
                "\nThe message of the error repeats what is personal (`{}`), and the privacy filter takes it out for every \
                 caller: say what is wrong without it. If that is what you want:\n  .assert_redacted(\"/message\", {id:?})",
                repeated.join("`, `")
            ));
        }
        notes
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
