//! The answer to a call.

use mpp_host::host::{CallOutcome, CallReport, FilteredOutput};
use mpp_recording::calls::sorted;
use mpp_sdk::wire::{Content, RpcError};
use serde_json::{Map, Value};

use crate::assert::describe;
use crate::mode::Mode;

/// The answer to a call, as an agent receives it: after the privacy filter.
///
/// Assertions return the answer, so that they can be chained. When one fails, its message contains the difference, the
/// whole answer and the tool's log.
///
/// ```no_run
/// # use serde_json::json;
/// # let tool = mpp_testkit::tool!().load();
/// tool.call("lookup", json!({ "query": "ada" }))
///     .assert_at("/0/name", "Ada Lovelace")
///     .assert_redacted("/0/email", "email")
///     .assert_nothing_denied();
/// ```
#[derive(Debug)]
pub struct Answer {
    call: String,
    output: FilteredOutput,
    mode: Mode,
}

impl Answer {
    pub(crate) fn new(tool: &str, arguments: &str, output: FilteredOutput, mode: Mode) -> Self {
        Self { call: format!("`{tool}` with {arguments}"), output, mode }
    }

    /// Returns the structured result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// assert!(tool.call("count", json!({})).json().as_u64() > Some(10));
    /// ```
    ///
    /// # Panics
    /// Panics if the call failed, or returned only text or media.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        let Some(structured) = &self.success().structured else {
            self.fail("the result has no structured content, only text or media; check text with `.assert_text(…)`")
        };
        match serde_json::from_str(structured.get()) {
            Ok(value) => value,
            Err(error) => self.fail(&format!("the structured result cannot be parsed: {error}")),
        }
    }

    /// Returns the value at a JSON pointer of the structured result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// let id = tool.call("add", json!({ "text": "tea" })).pointer("/id");
    /// tool.call("remove", json!({ "id": id })).assert_success();
    /// ```
    ///
    /// # Panics
    /// Panics if there is no structured result, or no value at the pointer.
    #[must_use]
    #[track_caller]
    pub fn pointer(&self, pointer: &str) -> Value {
        let json = self.json();
        match json.pointer(pointer) {
            Some(value) => value.clone(),
            None => self.fail(&describe::nothing_at(&json, pointer)),
        }
    }

    /// Returns the text items of the result, separated by line breaks.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// assert_eq!(tool.call("slugify", json!({ "text": "Step by step" })).text(), "step-by-step");
    /// ```
    ///
    /// # Panics
    /// Panics if the call failed.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        let text = self.success().content.iter().filter_map(Content::as_text);
        text.collect::<Vec<_>>().join("\n")
    }

    /// Returns the result in the form of MCP: `content`, `structuredContent`, `isError`.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// assert_eq!(tool.call("chart", json!({})).success().content.len(), 2);
    /// ```
    ///
    /// # Panics
    /// Panics if the call failed.
    #[track_caller]
    pub fn success(&self) -> &CallOutcome {
        match self.result() {
            Ok(result) => result,
            Err(error) => self.fail(&format!("expected a result, found {}", describe::error(error, self.log()))),
        }
    }

    /// Returns the result or the error.
    pub(crate) fn result(&self) -> Result<&CallOutcome, &RpcError> {
        self.output.outcome()
    }

    /// Returns whether the call returned a result.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.result().is_ok()
    }

    /// Returns the error.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// let answer = tool.call("lookup", json!({ "query": "" }));
    /// assert_eq!(answer.error().data["code"], "empty_query");
    /// ```
    ///
    /// # Panics
    /// Panics if the call returned a result.
    #[track_caller]
    pub fn error(&self) -> &RpcError {
        match self.result() {
            Ok(_) => self.fail("expected an error, found a result"),
            Err(error) => error,
        }
    }

    /// Returns the tool's log: standard error in the sandbox, and in both modes the lines written with `mpp::log!`.
    #[must_use]
    pub fn log(&self) -> &str {
        self.output.log()
    }

    /// Returns the report of the call: what it used, and what was redacted where.
    #[must_use]
    pub fn report(&self) -> &CallReport {
        self.output.report()
    }

    /// Returns the answer as JSON text for a snapshot: keys are sorted, and values that differ from run to run, such as times,
    /// memory and addresses, are left out. Redactions are listed next to the result or error.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// let snapshot = tool.call("lookup", json!({ "query": "ada" })).snapshot();
    /// // with the crate `insta`: insta::assert_snapshot!(snapshot);
    /// assert!(snapshot.contains("\"name\": \"Ada Lovelace\""));
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> String {
        let mut answer = self.response();
        if let Some(data) = answer.pointer_mut("/error/data").and_then(Value::as_object_mut) {
            data.shift_remove("backtrace");
        }
        let places = self.report().redactions.places.iter();
        let redacted: Vec<Value> =
            places.map(|place| format!("{}: {} × {}", place.pointer, place.count, place.id).into()).collect();
        if let (Value::Object(members), false) = (&mut answer, redacted.is_empty()) {
            members.insert("redacted".to_owned(), redacted.into());
        }
        describe::pretty(&sorted(&answer))
    }

    /// Returns the answer in the form of a JSON-RPC response: `{"result": …}` or `{"error": …}`.
    pub(crate) fn response(&self) -> Value {
        let value = serde_json::from_str(&self.output.json()).unwrap_or(Value::Null);
        let member = if self.is_success() { "result" } else { "error" };
        Value::Object(Map::from_iter([(member.to_owned(), value)]))
    }

    /// Returns where the call ran.
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the call in words: the tool and its arguments.
    pub(crate) fn call(&self) -> &str {
        &self.call
    }
}
