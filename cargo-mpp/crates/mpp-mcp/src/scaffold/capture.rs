//! Tool definitions and calls in a capture: a file of lines, each with a message between a client and a server.

use std::collections::BTreeMap;
use std::time::Duration;

use mpp_host::clock::parse_rfc3339;
use mpp_recording::{RecordedCall, RecordedCalls};
use serde_json::{Value, json};

use super::{error::ScaffoldError, original::Original};
use crate::capture::Capture;
use crate::inventory::Inventory;

/// A message that was sent, and who sent it if the line says so.
struct Message {
    by_server: Option<bool>,
    /// When it was sent, since the beginning of the capture.
    at: Option<Duration>,
    body: Value,
}

/// A request of the client, when it was sent, and the response.
struct Exchange {
    request: Value,
    at: Option<Duration>,
    response: Value,
}

/// Reads a capture. Returns `None` if the text is none: if it has no line with a JSON-RPC message.
pub(super) fn read(text: &str) -> Option<Result<Original, ScaffoldError>> {
    let mut lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // A message is recorded after it was passed on, so its answer may have been recorded first.
    lines.sort_by_key(|line| line.get("at").and_then(Value::as_u64).unwrap_or_default());
    let started = lines.iter().find_map(|line| line.get("started")?.as_str()).map(str::to_owned);
    let messages: Vec<Message> = lines.into_iter().flat_map(messages).collect();
    if messages.is_empty() {
        return None;
    }
    let exchanges = exchanges(messages);
    let mut server = None;
    let mut tools: Option<Vec<Value>> = None;
    let mut calls = RecordedCalls::new();
    for Exchange { request, response, .. } in &exchanges {
        let Some(result) = response.get("result") else { continue };
        match request.get("method").and_then(Value::as_str) {
            Some("initialize" | "server/discover") => server = result.get("serverInfo").cloned().or(server),
            Some("tools/list") => {
                let page = result.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
                let is_next = request.pointer("/params/cursor").is_some();
                match &mut tools {
                    Some(tools) if is_next => tools.extend(page),
                    _ => tools = Some(page),
                }
            }
            _ => {}
        }
    }
    let beginning = started.as_deref().and_then(parse_rfc3339);
    for Exchange { request, at, response } in &exchanges {
        if request.get("method").and_then(Value::as_str) != Some("tools/call") {
            continue;
        }
        let Some(tool) = request.pointer("/params/name").and_then(Value::as_str) else { continue };
        let arguments = request.pointer("/params/arguments").cloned().unwrap_or_else(|| json!({}));
        let outcome = ["result", "error"].iter().find_map(|key| Some(json!({ *key: response.get(*key)? })));
        if let Some(outcome) = outcome {
            let call = RecordedCall::new(calls.iter().count() + 1, tool, arguments, outcome);
            let time = beginning.zip(*at).and_then(|(beginning, at)| beginning.checked_add(at));
            calls.push(match time {
                Some(time) => call.made_at(time),
                None => call,
            });
        }
    }
    let none = || ScaffoldError::NotDefinitions { found: "a capture without an answer to `tools/list`".to_owned() };
    let original = tools.ok_or_else(none).and_then(|tools| Original::of(server.as_ref(), &tools, calls));
    Some(original.map(|original| Original { started, inventory: inventory(text), ..original }))
}

/// Takes the inventory of a capture, if more than messages was captured.
fn inventory(text: &str) -> Option<Inventory> {
    let capture = Capture::parse(text.as_bytes()).ok()?;
    let conversation = capture.conversation();
    let is_observed = conversation.observed.is_some() || !conversation.exchanges.is_empty();
    is_observed.then(|| Inventory::of(&capture, &conversation))
}

/// Returns the messages in a line: the line itself, its member `message`, or its members `request` and `response`.
fn messages(line: Value) -> Vec<Message> {
    let word = ["from", "direction", "by"].iter().find_map(|key| line.get(*key)?.as_str());
    let by_server = match word {
        Some("server") => Some(true),
        Some("client") => Some(false),
        _ => None,
    };
    let at = line.get("at").and_then(Value::as_u64).map(Duration::from_micros);
    let is_message = |value: &Value| value.get("jsonrpc").is_some();
    if is_message(&line) {
        return vec![Message { by_server, at, body: line }];
    }
    let parts = ["message", "request", "response"].iter().filter_map(|key| line.get(*key));
    parts.filter(|part| is_message(part)).map(|body| Message { by_server, at, body: body.clone() }).collect()
}

/// Returns each request of the client with its response, in the order of the responses.
fn exchanges(messages: Vec<Message>) -> Vec<Exchange> {
    let mut open: BTreeMap<String, (Value, Option<Duration>)> = BTreeMap::new();
    let mut exchanges = Vec::new();
    for Message { by_server, at, body } in messages {
        let Some(id) = body.get("id").map(Value::to_string) else { continue };
        if body.get("method").is_some() {
            if by_server != Some(true) {
                open.insert(id, (body, at));
            }
        } else if by_server != Some(false)
            && let Some((request, at)) = open.remove(&id)
        {
            exchanges.push(Exchange { request, at, response: body });
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(lines: &[Value]) -> Original {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        read(&text).expect("a capture").expect("definitions")
    }

    #[test]
    fn definitions_of_several_pages_and_calls_are_read() {
        let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
        let line = |from: &str, message: Value| json!({ "at": 1, "from": from, "message": message });
        let original = read_lines(&[
            json!({ "capture": 1, "started": "2026-11-30T06:00:00Z" }),
            json!({ "at": 0, "from": "client", "message": { "jsonrpc": "2.0", "id": "c", "method": "ping" } }),
            line("client", json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize" })),
            line(
                "server",
                json!({ "jsonrpc": "2.0", "id": 0, "result": { "serverInfo": { "name": "clock", "version": "2" } } }),
            ),
            line("client", json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })),
            line("server", json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": [tool("a")], "nextCursor": "x" } })),
            line("client", json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": "x" } })),
            // A request of the server has ids of its own.
            line("server", json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" })),
            line("client", json!({ "jsonrpc": "2.0", "id": 2, "result": {} })),
            line("server", json!({ "jsonrpc": "2.0", "id": 2, "result": { "tools": [tool("b")] } })),
            line("client", json!({ "jsonrpc": "2.0", "id": "c", "method": "tools/call", "params": { "name": "b" } })),
            line("server", json!({ "jsonrpc": "2.0", "id": "c", "result": { "content": [] } })),
            json!({ "exit": 0 }),
        ]);
        assert_eq!(original.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(original.started.as_deref(), Some("2026-11-30T06:00:00Z"));
        assert_eq!((original.name.as_deref(), original.version.as_deref()), (Some("clock"), Some("2")));
        let calls: Vec<_> =
            original.calls.iter().map(|(_, call)| (call.tool.as_str(), call.response.clone())).collect();
        assert_eq!(calls, [("b", json!({ "result": { "content": [] } }))]);
        let times: Vec<_> = original.calls.iter().map(|(_, call)| call.time()).collect();
        assert_eq!(times, [parse_rfc3339("2026-11-30T06:00:00.000001Z")]);
        assert!(original.inventory.is_none(), "nothing but messages");
    }

    #[test]
    fn what_was_observed_is_known() {
        let list = json!({ "tools": [{ "name": "a", "inputSchema": { "type": "object" } }] });
        let original = read_lines(&[
            json!({ "capture": 1, "started": "2026-11-30T06:00:00Z", "transport": "stdio" }),
            json!({ "at": 1, "from": "client", "message": { "jsonrpc": "2.0", "id": 1, "method": "tools/list" } }),
            json!({ "at": 2, "from": "server", "message": { "jsonrpc": "2.0", "id": 1, "result": list } }),
            json!({ "at": 3, "observed": { "written": ["/srv/data/notes.json"] } }),
        ]);
        let inventory = original.inventory.expect("observations");
        assert_eq!(inventory.capabilities.write.into_iter().collect::<Vec<_>>(), ["/srv/data"]);
    }

    #[test]
    fn a_capture_without_a_list_of_tools_is_an_error() {
        let text = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
        let error = read(&text).expect("a capture").expect_err("no list");
        assert_eq!(error.to_string(), "there are no tool definitions: a capture without an answer to `tools/list`");
        assert!(read("hello\nworld").is_none());
    }
}
