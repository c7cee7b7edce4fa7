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
        let mut answer = self.response();
        if let Some(data) = answer.pointer_mut("/error/data").and_then(Value::as_object_mut) {
            // It is in the message already.
            data.remove("backtrace");
        }
        let answer = answer.get("result").or_else(|| answer.get("error")).unwrap_or(&Value::Null);
        let answer = block(&format!("the answer of {}:", self.call()), &explain::pretty(answer));
        let log = block("its log:", self.log());
        fail(format_args!("{message}{answer}{log}"), "")
    }
}
