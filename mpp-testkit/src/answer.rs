//! What a call answered, and what a test says about it.

use mpp_host::host::{CallOutcome, CallReport, FilteredOutput};
use mpp_sdk::wire::{Content, RpcError};
use serde_json::Value;

use crate::difference;
use crate::failure::{block, fail};
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
        match self.json().pointer(pointer) {
            Some(value) => value.clone(),
            None => self.fail(&format!("there is nothing at `{pointer}`")),
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
            Err(error) => {
                self.fail(&format!("expected a result, found the error `{}`: {}", code(error), error.message))
            }
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

    /// The value at a JSON pointer of the structured result (`""` is all of it) is this.
    ///
    /// # Panics
    /// Where it is not.
    #[track_caller]
    pub fn assert_json(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        let (expected, found) = (expected.into(), self.pointer(pointer));
        if expected != found {
            let difference = difference::lines(&pretty(&expected), &pretty(&found));
            self.fail(&format!("the value at `{pointer}` is another than expected\n{difference}"));
        }
        self
    }

    /// The structured result is this.
    ///
    /// # Panics
    /// Where it is not.
    #[track_caller]
    pub fn assert_result(&self, expected: impl Into<Value>) -> &Self {
        self.assert_json("", expected)
    }

    /// The text of the result is this.
    ///
    /// # Panics
    /// Where it is not.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) -> &Self {
        let found = self.text();
        if expected != found {
            self.fail(&format!("the text is another than expected\n{}", difference::lines(expected, &found)));
        }
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
            self.fail(&format!("expected the error `{expected}`, found `{}`: {}", code(error), error.message));
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
            self.fail(&format!("the message is another than expected\n{}", difference::lines(expected, found)));
        }
        self
    }

    /// Something at this JSON pointer was redacted under this pattern's id (`email`, `env:NAME`, your own …). Text items
    /// are at `/content/0/text`, an error's message at `/message`.
    ///
    /// # Panics
    /// Where nothing was.
    #[track_caller]
    pub fn assert_redacted(&self, pointer: &str, pattern: &str) -> &Self {
        if !self.redactions(pointer).any(|id| id == pattern) {
            self.fail(&format!("nothing was redacted as `{pattern}` at `{pointer}`; {}", self.redacted()));
        }
        self
    }

    /// Nothing at this JSON pointer or below it was redacted; `""` says it of the whole answer.
    ///
    /// # Panics
    /// Where something was.
    #[track_caller]
    pub fn assert_not_redacted(&self, pointer: &str) -> &Self {
        let below =
            |place: &str| place.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if self.report().redactions.places.iter().any(|place| below(&place.pointer)) {
            self.fail(&format!("something was redacted at `{pointer}` or below; {}", self.redacted()));
        }
        self
    }

    /// The tool's log contains this.
    ///
    /// # Panics
    /// Where it does not.
    #[track_caller]
    pub fn assert_log(&self, part: &str) -> &Self {
        if !self.log().contains(part) {
            let hint = match self.mode {
                Mode::Sandboxed => "",
                Mode::Native => {
                    " (natively it holds what `mpp::log!` wrote; `eprintln!` goes to the test's own output)"
                }
            };
            self.fail(&format!("the log does not contain `{part}`{hint}"));
        }
        self
    }

    fn redactions(&self, pointer: &str) -> impl Iterator<Item = &str> {
        let places = self.report().redactions.places.iter();
        places.filter(move |place| place.pointer == pointer).map(|place| place.id.as_ref())
    }

    fn redacted(&self) -> String {
        let places = self.report().redactions.places.iter();
        let places: Vec<String> = places.map(|place| format!("`{}` at `{}`", place.id, place.pointer)).collect();
        match places.is_empty() {
            true => "nothing was redacted in this answer".to_owned(),
            false => format!("redacted were {}", places.join(", ")),
        }
    }

    #[track_caller]
    fn fail(&self, message: &str) -> ! {
        let answer = match serde_json::from_str::<Value>(&self.output.json()) {
            Ok(answer) => pretty(&answer),
            Err(_) => self.output.json(),
        };
        let answer = block(&format!("the answer of {}:", self.call), &answer);
        let log = block("its log:", self.log());
        fail(format_args!("{message}{answer}{log}"), "")
    }
}

/// The tool's own code, or the protocol's kind.
fn code(error: &RpcError) -> &str {
    let own = error.data.get("code").and_then(Value::as_str);
    own.or_else(|| error.kind().map(|kind| kind.as_str())).unwrap_or("unknown")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
