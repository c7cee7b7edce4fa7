//! The lines of a recording: read with every mistake named, and written.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::explain::sorted;

/// One file.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) path: PathBuf,
    /// As reports name it.
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
}

#[derive(Debug)]
pub(super) enum Line {
    Call(Exchange),
    /// A line of another method, as it stands.
    Other(String),
}

/// A call and what was answered.
#[derive(Debug)]
pub(super) struct Exchange {
    /// From one.
    pub(super) line: usize,
    pub(super) tool: String,
    pub(super) arguments: Value,
    /// `{"result": …}` or `{"error": …}`.
    pub(super) response: Value,
    /// The request as it was.
    request: Value,
    /// The response's `jsonrpc` and `id`, where it has them.
    envelope: Map<String, Value>,
}

impl Recorded {
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.lines.iter().filter_map(|line| match line {
            Line::Call(exchange) => Some(exchange),
            Line::Other(_) => None,
        })
    }

    pub(super) fn left_out(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line, Line::Other(_))).count()
    }
}

impl Exchange {
    /// The line with another response.
    pub(super) fn with_response(&self, response: &Value) -> String {
        let mut envelope = self.envelope.clone();
        if let Value::Object(members) = stable(response) {
            envelope.extend(members);
        }
        json!({ "request": self.request, "response": sorted(&Value::Object(envelope)) }).to_string()
    }
}

/// A line for a call of the test's own.
pub(super) fn line(id: usize, tool: &str, arguments: &Value, response: &Value) -> String {
    let mut envelope = Map::from_iter([("jsonrpc".to_owned(), json!("2.0")), ("id".to_owned(), json!(id))]);
    if let Value::Object(members) = stable(response) {
        envelope.extend(members);
    }
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": { "name": tool, "arguments": sorted(arguments) } });
    json!({ "request": request, "response": sorted(&Value::Object(envelope)) }).to_string()
}

/// Without the addresses of a crash, which differ from build to build.
pub(super) fn stable(response: &Value) -> Value {
    let mut response = response.clone();
    if let Some(data) = response.pointer_mut("/error/data").and_then(Value::as_object_mut) {
        data.remove("backtrace");
    }
    response
}

/// Reads a file.
///
/// # Errors
/// Every mistake with its file and line.
pub(super) fn read(path: &Path) -> Result<Recorded, Vec<String>> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let name = path.strip_prefix(&root).unwrap_or(path).display().to_string();
    let text = fs::read_to_string(path).map_err(|error| vec![format!("{name}: {error}")])?;
    let mut lines = Vec::new();
    let mut mistakes = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match parse(index + 1, line) {
            Ok(line) => lines.push(line),
            Err(mistake) => mistakes.push(format!("{name}, line {}: {mistake}", index + 1)),
        }
    }
    let recorded = Recorded { path: path.to_owned(), name, lines };
    if mistakes.is_empty() && recorded.exchanges().next().is_none() {
        mistakes.push(format!("{}: there is no recorded `tools/call` in it", recorded.name));
    }
    if mistakes.is_empty() { Ok(recorded) } else { Err(mistakes) }
}

fn parse(number: usize, line: &str) -> Result<Line, String> {
    let exchange: Value = serde_json::from_str(line).map_err(|error| format!("it is not JSON: {error}"))?;
    let request = exchange.get("request").ok_or("there is no `request`")?;
    let response = exchange.get("response").ok_or("there is no `response`")?.as_object();
    let response = response.ok_or("its `response` is no object")?;
    let method = request.get("method").and_then(Value::as_str).ok_or("its `request` has no `method`")?;
    if method != "tools/call" {
        return Ok(Line::Other(line.to_owned()));
    }
    let asked = request.get("id").filter(|id| !id.is_null());
    let answered = response.get("id").filter(|id| !id.is_null());
    if let (Some(asked), Some(answered)) = (asked, answered)
        && asked != answered
    {
        return Err(format!("the response answers request {answered}, and the request is {asked}"));
    }
    let params = request.get("params").ok_or("its `request` has no `params`")?;
    let tool = params.get("name").and_then(Value::as_str).ok_or("its `params` have no `name`")?;
    let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
    let outcome = |member: &str| Some((member.to_owned(), response.get(member)?.clone()));
    let outcome = match (outcome("result"), outcome("error")) {
        (Some(result), None) => result,
        (None, Some(error)) => error,
        (None, None) => return Err("its `response` has neither a `result` nor an `error`".to_owned()),
        (Some(_), Some(_)) => return Err("its `response` has both a `result` and an `error`".to_owned()),
    };
    let envelope = response.iter().filter(|(key, _)| *key != "result" && *key != "error");
    Ok(Line::Call(Exchange {
        line: number,
        tool: tool.to_owned(),
        arguments,
        envelope: envelope.map(|(key, value)| (key.clone(), value.clone())).collect(),
        response: Value::Object(Map::from_iter([outcome])),
        request: request.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::{Line, parse};

    #[test]
    fn a_line_that_is_no_exchange_says_why() {
        for (line, said) in [
            ("{", "it is not JSON"),
            ("{}", "there is no `request`"),
            (r#"{"request":{}}"#, "there is no `response`"),
            (r#"{"request":{},"response":{}}"#, "its `request` has no `method`"),
            (r#"{"request":{"method":"tools/call"},"response":{}}"#, "its `request` has no `params`"),
            (r#"{"request":{"method":"tools/call","params":{}},"response":{}}"#, "its `params` have no `name`"),
            (r#"{"request":{"method":"tools/call","params":{"name":"a"}},"response":{}}"#, "neither"),
            (r#"{"request":{"method":"tools/call","params":{"name":"a"}},"response":{"result":1,"error":1}}"#, "both"),
            (
                r#"{"request":{"id":1,"method":"tools/call","params":{"name":"a"}},"response":{"id":2,"result":1}}"#,
                "answers request 2",
            ),
        ] {
            let mistake = parse(1, line).expect_err(line);
            assert!(mistake.contains(said), "{mistake}");
        }
        let other = r#"{"request":{"method":"initialize"},"response":{"result":{}}}"#;
        assert!(matches!(parse(1, other), Ok(Line::Other(_))));
    }
}
