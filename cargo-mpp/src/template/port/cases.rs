//! Test cases for `mpp test`, made from the recorded calls: a file for each tool.

use std::path::Path;

use mpp_cases::Cases;
use mpp_host::clock::rfc3339_micros;
use mpp_mcp::scaffold::{PortedTool, visible};
use mpp_recording::{RecordedCall, error_message};
use serde_json::{Map, Value, json};

use super::PortedServer;
use super::layout::File;

/// Most bytes of the cases of one tool. Further calls stay in the file with all of them.
const LARGEST: usize = 512 * 1024;
/// What may be on one line after a key.
const LINE: usize = 100;
/// The code that errors have which say no other one.
const ERROR_CODE: &str = "failed";

/// Returns the files with the cases of all tools.
pub(super) fn files(server: &PortedServer) -> Vec<File> {
    server.port.tools.iter().map(|tool| (path(tool), of_tool(server, tool))).collect()
}

/// Returns the path of the cases of a tool.
pub(super) fn path(tool: &PortedTool) -> String {
    format!("tests/{}.yaml", tool.module)
}

fn of_tool(server: &PortedServer, tool: &PortedTool) -> String {
    let calls: Vec<&RecordedCall> =
        server.port.calls.iter().map(|(_, call)| call).filter(|call| call.tool == tool.name).collect();
    let (mut cases, mut left_out) = (String::new(), 0);
    for (index, call) in calls.iter().enumerate() {
        let case = of_call(tool, call, &format!("{} {}", tool.name, index + 1));
        // What the format of cases cannot say, such as a value that is nested too deeply, is left to `mpp replay`.
        let is_valid = Cases::parse(Path::new("case.yaml"), &format!("cases:\n{case}")).is_ok();
        match is_valid && cases.len() + case.len() <= LARGEST {
            true => cases.push_str(&case),
            false => left_out += 1,
        }
    }
    let mut text = "# Cases for `mpp test`. `mpp schema test` prints every key.\n".to_owned();
    if cases.is_empty() {
        text.push_str("# No call was recorded: give arguments, remove `skip`, and `mpp test --update` adds what the tool answers.\n");
        cases = format!(
            "  - name: {name}\n    tool: {name}\n    arguments: {{}}\n    skip: no call was recorded; give arguments, and remove this line when the \
             body is written\n",
            name = scalar(&tool.name)
        );
    } else {
        text.push_str("# They are recorded calls: the answers are the original's. `mpp replay` compares all calls of a capture.\n");
    }
    if left_out > 0 {
        text.push_str(&format!(
            "# Not here: {left_out} calls, because of their size or form. `{}` has them.\n",
            super::CALLS
        ));
    }
    text.push_str("cases:\n");
    text.push_str(&cases);
    text
}

/// Returns the case of a recorded call.
fn of_call(tool: &PortedTool, call: &RecordedCall, name: &str) -> String {
    let arguments = match &call.arguments {
        Value::Object(arguments) => arguments.clone(),
        _ => Map::new(),
    };
    let arguments = Value::Object(arguments);
    let is_accepted = tool.accepts(&arguments);
    let message = error_message(&call.response);
    let mut text = format!("  - name: {}\n    tool: {}\n", scalar(name), scalar(&tool.name));
    member(&mut text, "    ", "arguments", &arguments);
    if let Some(time) = call.time() {
        text.push_str(&format!("    given: {{ clock: {} }}\n", quoted(&json!(rfc3339_micros(time)))));
    }
    match (is_accepted, message) {
        (false, Some(_)) => text.push_str("    expect:\n      error: { code: invalid_arguments }\n"),
        (false, None) => text.push_str("    skip: the original accepts these arguments, and the port refuses them\n"),
        (true, message) => {
            text.push_str("    skip: the body is not written yet; remove this line when it is\n    expect:\n");
            match message {
                Some(message) => {
                    text.push_str(&format!("      error:\n        code: {ERROR_CODE}\n"));
                    if !message.is_empty() {
                        member(&mut text, "        ", "message", &json!(message));
                    }
                }
                None => {
                    let (key, value) = answer(tool, &call.response);
                    member(&mut text, "      ", key, &value);
                }
            }
        }
    }
    text
}

/// Returns the key of the expectation that a recorded result becomes, and its value.
fn answer(tool: &PortedTool, response: &Value) -> (&'static str, Value) {
    let structured = response.pointer("/result/structuredContent").filter(|value| !value.is_null());
    let content = response.pointer("/result/content").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = match content.as_slice() {
        [item] if item.get("type").and_then(Value::as_str) == Some("text") => item.get("text").and_then(Value::as_str),
        _ => None,
    };
    if tool.returns.is_some() {
        let parsed = || serde_json::from_str(text?).ok();
        if let Some(value) = structured.cloned().or_else(parsed) {
            return ("result", value);
        }
    }
    match text {
        Some(text) => ("text", json!(text)),
        None => ("content", content.iter().map(plain).collect()),
    }
}

/// Returns an item of content without what a package does not write: empty members and metadata.
fn plain(item: &Value) -> Value {
    let Value::Object(members) = item else { return item.clone() };
    let kept = members.iter().filter(|(key, value)| !(value.is_null() || *key == "_meta" || *key == "annotations"));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Adds a member. JSON is YAML, too; a long value has several lines.
fn member(text: &mut String, indent: &str, key: &str, value: &Value) {
    let line = quoted(value);
    if line.chars().count() <= LINE || !(value.is_object() || value.is_array()) {
        text.push_str(&format!("{indent}{key}: {line}\n"));
        return;
    }
    let lines = escaped(&format!("{value:#}")).replace('\n', &format!("\n{indent}  "));
    text.push_str(&format!("{indent}{key}:\n{indent}  {lines}\n"));
}

/// Returns a value as JSON on one line.
fn quoted(value: &Value) -> String {
    escaped(&value.to_string())
}

/// Escapes the characters of JSON that cannot be seen, or that YAML does not allow. They are inside of strings.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        let is_shown =
            char == '\n' || (visible(char.encode_utf8(&mut [0; 4])).chars().eq([char]) && !is_excluded(char));
        match u32::from(char) {
            _ if is_shown => out.push(char),
            code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

/// Returns whether YAML does not allow a character.
fn is_excluded(char: char) -> bool {
    matches!(char, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// Returns a name as a scalar: in quotation marks unless it is text without them.
fn scalar(text: &str) -> String {
    let is_word = ["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str());
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '));
    if is_plain && !is_word { text.to_owned() } else { quoted(&json!(text)) }
}
