//! Recorded calls: a file of lines, each with the JSON-RPC request and response of an MCP server.
//!
//! ```text
//! {"request":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","arguments":{"query":"ada"}}},"response":{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":[],"isError":false}}}
//! ```
//!
//! `jsonrpc` and `id` are optional; where both sides have an `id`, it must be the same. A line may begin with `at`, the time at which
//! the call was made (`"at":"2026-11-30T06:12:32.250Z"`). Lines of other methods than `tools/call` are kept as they are.

mod error;
mod line;

use std::time::SystemTime;

use mpp_host::clock::{parse_rfc3339, rfc3339_micros};
use mpp_host::wire::{JSONRPC, Request};
use serde_json::{Map, Value, json};

pub use error::{CallsError, LineMistake, LineProblem};

/// A file of recorded calls.
///
/// ```
/// use mpp_recording::{RecordedCall, RecordedCalls};
/// use serde_json::json;
///
/// let mut calls = RecordedCalls::new();
/// calls.push(RecordedCall::new(1, "find", json!({ "query": "ada" }), json!({ "result": { "content": [] } })));
/// let read = RecordedCalls::parse(&calls.to_string())?;
/// assert_eq!(read.iter().next().map(|(line, call)| (line, call.tool.as_str())), Some((1, "find")));
/// # Ok::<(), mpp_recording::calls::CallsError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RecordedCalls {
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
enum Line {
    Call {
        number: usize,
        call: Box<RecordedCall>,
    },
    /// A line of another method, unchanged.
    Other(String),
}

/// A recorded call and its response.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedCall {
    /// Name of the tool.
    pub tool: String,
    /// The arguments.
    pub arguments: Value,
    /// The response: `{"result": …}` or `{"error": …}`.
    pub response: Value,
    /// The time of the call as it was recorded, in the form of RFC 3339.
    at: Option<String>,
    /// The request as it was recorded.
    request: Value,
    /// The members of the response besides `result` and `error`: `jsonrpc`, `id`.
    envelope: Map<String, Value>,
}

impl RecordedCalls {
    /// A file without lines.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// Returns [`CallsError::Invalid`] with every line that is not a recorded exchange, and [`CallsError::Empty`] if no line is a
    /// `tools/call`.
    pub fn parse(text: &str) -> Result<Self, CallsError> {
        let mut lines = Vec::new();
        let mut mistakes = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match line::parse(line) {
                Ok(Some(call)) => lines.push(Line::Call { number: index + 1, call: call.into() }),
                Ok(None) => lines.push(Line::Other(line.to_owned())),
                Err(problem) => mistakes.push(LineMistake { line: index + 1, problem }),
            }
        }
        let calls = Self { lines };
        match mistakes.is_empty() {
            false => Err(CallsError::Invalid { mistakes }),
            true if calls.iter().next().is_none() => Err(CallsError::Empty),
            true => Ok(calls),
        }
    }

    /// Adds a call.
    pub fn push(&mut self, call: RecordedCall) {
        self.lines.push(Line::Call { number: self.lines.len() + 1, call: call.into() });
    }

    /// Returns the calls, each with the number of its line, counted from 1.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &RecordedCall)> {
        self.lines.iter().filter_map(|line| match line {
            Line::Call { number, call } => Some((*number, &**call)),
            Line::Other(_) => None,
        })
    }

    /// Returns the number of lines of other methods than `tools/call`.
    #[must_use]
    pub fn other_lines(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line, Line::Other(_))).count()
    }

    /// Returns whether there are no calls.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Replaces the response of every call by what `respond` returns for it.
    pub fn update(&mut self, mut respond: impl FnMut(&RecordedCall) -> Value) {
        for line in &mut self.lines {
            if let Line::Call { call, .. } = line {
                call.response = without_backtrace(respond(call));
            }
        }
    }
}

/// The text of the file, with a line break at the end.
impl std::fmt::Display for RecordedCalls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.lines {
            match line {
                Line::Call { call, .. } => writeln!(f, "{}", call.line())?,
                Line::Other(text) => writeln!(f, "{text}")?,
            }
        }
        Ok(())
    }
}

impl RecordedCall {
    /// A call with the JSON-RPC id `id`. `response` is `{"result": …}` or `{"error": …}`; a backtrace in it is left out,
    /// because its addresses differ from build to build.
    #[must_use]
    pub fn new(id: usize, tool: impl Into<String>, arguments: Value, response: Value) -> Self {
        let tool = tool.into();
        let mut request = Request::call(tool.as_str(), sorted(&arguments));
        request.id = id as u64;
        let envelope = Map::from_iter([("jsonrpc".to_owned(), json!(JSONRPC)), ("id".to_owned(), json!(id))]);
        Self { tool, arguments, response: without_backtrace(response), at: None, request: json!(request), envelope }
    }

    /// Adds the time at which the call was made.
    #[must_use]
    pub fn made_at(mut self, time: SystemTime) -> Self {
        self.at = Some(rfc3339_micros(time));
        self
    }

    /// Returns the time at which the call was made, if it is recorded.
    #[must_use]
    pub fn time(&self) -> Option<SystemTime> {
        parse_rfc3339(self.at.as_ref()?)
    }

    /// Returns the call under another name of its tool, with the JSON-RPC id `id`.
    #[must_use]
    pub fn renamed(&self, id: usize, tool: impl Into<String>) -> Self {
        let at = self.at.clone();
        Self { at, ..Self::new(id, tool, self.arguments.clone(), self.response.clone()) }
    }

    fn line(&self) -> String {
        let mut response = self.envelope.clone();
        if let Value::Object(members) = &self.response {
            response.extend(members.clone());
        }
        let mut line = Map::new();
        line.extend(self.at.iter().map(|at| ("at".to_owned(), json!(at))));
        line.insert("request".to_owned(), self.request.clone());
        line.insert("response".to_owned(), sorted(&Value::Object(response)));
        Value::Object(line).to_string()
    }
}

fn without_backtrace(mut response: Value) -> Value {
    if let Some(data) = response.pointer_mut("/error/data").and_then(Value::as_object_mut) {
        data.shift_remove("backtrace");
    }
    response
}

/// Returns the value with the keys of every object sorted, whatever order the map keeps.
#[must_use]
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut entries: Vec<(&String, &Value)> = members.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordedCall, RecordedCalls};
    use serde_json::{Value, json};

    /// Records a call with this text as its arguments and its result.
    fn recorded(text: &str) -> String {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let mut calls = RecordedCalls::new();
        let response = json!({ "result": { "structuredContent": &value, "isError": false, "content": [] } });
        calls.push(RecordedCall::new(1, "find", value, response));
        calls.to_string()
    }

    #[test]
    fn the_order_of_keys_is_not_recorded() {
        let one = recorded(r#"{"b":[{"d":1,"c":2}],"a":{"f":3,"e":4}}"#);
        assert_eq!(one, recorded(r#"{"a":{"e":4,"f":3},"b":[{"c":2,"d":1}]}"#));
        assert!(one.contains(r#""arguments":{"a":{"e":4,"f":3},"b":[{"c":2,"d":1}]}"#), "{one}");
        assert_ne!(one, recorded(r#"{"a":{"e":4,"f":3},"b":[{"c":2,"d":3}]}"#));
    }

    #[test]
    fn the_time_of_a_call_is_recorded() {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_micros(1_767_225_599_250_000);
        let call = RecordedCall::new(1, "find", json!({}), json!({ "result": {} })).made_at(time);
        assert_eq!(call.time(), Some(time));
        let mut calls = RecordedCalls::new();
        calls.push(call.renamed(2, "search"));
        let text = calls.to_string();
        assert!(text.starts_with(r#"{"at":"2025-12-31T23:59:59.250000Z","request":{"#), "{text}");
        let read = RecordedCalls::parse(&text).expect("a recording");
        let (_, read) = read.iter().next().expect("a call");
        assert_eq!((read.tool.as_str(), read.time()), ("search", Some(time)));
    }
}
