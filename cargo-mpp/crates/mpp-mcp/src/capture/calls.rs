//! A file of calls to make: one JSON object a line.

use serde_json::{Map, Value};

use super::error::CaptureError;

/// The calls of a file, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannedCalls(Vec<PlannedCall>);

/// A call to make.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlannedCall {
    /// Number of the line, counted from 1.
    pub line: usize,
    /// Name of the tool.
    pub tool: String,
    /// The arguments.
    pub arguments: Map<String, Value>,
}

impl PlannedCalls {
    /// Parses a file with one `{"tool": …, "arguments": {…}}` a line. Empty lines are ignored; `arguments` is optional.
    ///
    /// ```
    /// use mpp_mcp::capture::PlannedCalls;
    ///
    /// let calls = PlannedCalls::parse("{\"tool\":\"now\"}\n\n{\"tool\":\"convert\",\"arguments\":{\"n\":1}}\n")?;
    /// assert_eq!(calls.iter().map(|call| (call.line, &*call.tool)).collect::<Vec<_>>(), [(1, "now"), (3, "convert")]);
    /// # Ok::<(), mpp_mcp::capture::CaptureError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`CaptureError::Calls`] for the first line that is not a call.
    pub fn parse(text: &str) -> Result<Self, CaptureError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(index, line)| call(index + 1, line)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the calls.
    pub fn iter(&self) -> impl Iterator<Item = &PlannedCall> {
        self.0.iter()
    }
}

fn call(line: usize, text: &str) -> Result<PlannedCall, CaptureError> {
    let not = |reason: String| CaptureError::Calls { line, reason };
    let value: Value = serde_json::from_str(text).map_err(|error| not(format!("not JSON: {error}")))?;
    let Value::Object(mut members) = value else { return Err(not("expected an object with `tool`".to_owned())) };
    let tool = match members.remove("tool") {
        Some(Value::String(tool)) => tool,
        Some(_) => return Err(not("`tool` is not a string".to_owned())),
        None => return Err(not("`tool` is missing".to_owned())),
    };
    let arguments = match members.remove("arguments") {
        None => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(not("`arguments` is not an object".to_owned())),
    };
    match members.keys().next() {
        Some(key) => Err(not(format!("unknown key `{key}`; expected `tool` and `arguments`"))),
        None => Ok(PlannedCall { line, tool, arguments }),
    }
}

#[cfg(test)]
mod tests {
    use super::PlannedCalls;

    #[test]
    fn says_which_line_is_not_a_call() {
        for (text, expected) in [
            ("{\"tool\":\"a\"}\n[]", "line 2 of the calls is not a call: expected an object with `tool`"),
            ("{\"name\":\"a\"}", "line 1 of the calls is not a call: `tool` is missing"),
            ("{\"tool\":1}", "line 1 of the calls is not a call: `tool` is not a string"),
            ("{\"tool\":\"a\",\"arguments\":[1]}", "line 1 of the calls is not a call: `arguments` is not an object"),
            (
                "{\"tool\":\"a\",\"args\":{}}",
                "line 1 of the calls is not a call: unknown key `args`; expected `tool` and `arguments`",
            ),
        ] {
            assert_eq!(PlannedCalls::parse(text).expect_err(text).to_string(), expected);
        }
    }
}
