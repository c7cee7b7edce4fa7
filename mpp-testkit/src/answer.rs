//! What a call answered.

use mpp_host::host::{CallOutcome, CallReport, FilteredOutput};
use mpp_sdk::wire::{Content, RpcError};
use serde_json::{Map, Value};

use crate::explain;
use crate::mode::Mode;

/// The answer to one call, as an agent sees it: after the privacy filter.
///
/// Assertions give the answer back. When one fails it shows the difference, the whole answer and the tool's log.
#[derive(Debug)]
pub struct Answer {
    call: String,
    output: FilteredOutput,
    mode: Mode,
}

impl Answer {
    pub(crate) fn new(tool: &str, arguments: &str, output: FilteredOutput) -> Self {
        Self { call: format!("`{tool}` with {arguments}"), output, mode: Mode::Sandboxed }
    }

    /// The call ran there.
    pub(crate) fn in_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The structured result.
    ///
    /// # Panics
    /// Where the call failed, or answered with text or media only.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        let Some(structured) = &self.success().structured else {
            self.fail("the result is not structured: it is text or media only; see `assert_text`")
        };
        match serde_json::from_str(structured.get()) {
            Ok(value) => value,
            Err(error) => self.fail(&format!("the structured result cannot be read: {error}")),
        }
    }

    /// The value at a JSON pointer of the structured result.
    ///
    /// # Panics
    /// Where there is no structured result, or nothing at the pointer.
    #[must_use]
    #[track_caller]
    pub fn pointer(&self, pointer: &str) -> Value {
        let json = self.json();
        match json.pointer(pointer) {
            Some(value) => value.clone(),
            None => self.fail(&explain::nothing_at(&json, pointer)),
        }
    }

    /// The text items of the result, one after the other.
    ///
    /// # Panics
    /// Where the call failed.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        let text = self.success().content.iter().filter_map(|item| match item {
            Content::Text { text } => Some(text.as_str()),
            _ => None,
        });
        text.collect::<Vec<_>>().join("\n")
    }

    /// The result as MCP has it: `content`, `structuredContent`, `isError`.
    ///
    /// # Panics
    /// Where the call failed.
    #[track_caller]
    pub fn success(&self) -> &CallOutcome {
        match self.output.outcome() {
            Ok(result) => result,
            Err(error) => self.fail(&format!("expected a result, found {}", explain::error(error, self.log()))),
        }
    }

    /// Whether the call gave a result.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.output.outcome().is_ok()
    }

    /// The error.
    ///
    /// # Panics
    /// Where the call succeeded.
    #[track_caller]
    pub fn error(&self) -> &RpcError {
        match self.output.outcome() {
            Ok(_) => self.fail("expected an error, found a result"),
            Err(error) => error,
        }
    }

    /// What the tool wrote to its log: stderr in the sandbox, with `mpp::log!` in both modes.
    #[must_use]
    pub fn log(&self) -> &str {
        self.output.log()
    }

    /// What the call used, and what was redacted where.
    #[must_use]
    pub fn report(&self) -> &CallReport {
        self.output.report()
    }

    /// The answer as JSON text for a snapshot (`insta::assert_snapshot!(answer.snapshot())`): keys sorted, and nothing that
    /// differs from run to run, such as times, memory and addresses. What was redacted is listed beside the result or error.
    #[must_use]
    pub fn snapshot(&self) -> String {
        let mut answer = self.response();
        if let Some(data) = answer.pointer_mut("/error/data").and_then(Value::as_object_mut) {
            data.remove("backtrace");
        }
        let places = self.report().redactions.places.iter();
        let redacted: Vec<Value> =
            places.map(|place| format!("{}: {} × {}", place.pointer, place.count, place.id).into()).collect();
        if let (Value::Object(members), false) = (&mut answer, redacted.is_empty()) {
            members.insert("redacted".to_owned(), redacted.into());
        }
        explain::pretty(&explain::sorted(&answer))
    }

    /// The answer as a JSON-RPC response has it: `{"result": …}` or `{"error": …}`.
    pub(crate) fn response(&self) -> Value {
        let value = serde_json::from_str(&self.output.json()).unwrap_or(Value::Null);
        let member = if self.is_success() { "result" } else { "error" };
        Value::Object(Map::from_iter([(member.to_owned(), value)]))
    }

    /// Where the call ran.
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Which tool was called with what.
    pub(crate) fn call(&self) -> &str {
        &self.call
    }
}
