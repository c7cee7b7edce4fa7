//! The low-level API: a closure, and definitions from the manifest.

use mpp_sdk::{
    Error, ToolRequest, ToolResponse, private,
    serde_json::{self, Value, json},
};

#[mpp_sdk::data]
#[derive(Debug)]
struct Double {
    number: i64,
}

fn handle(req: ToolRequest) -> ToolResponse {
    match req.tool.as_str() {
        "double" => match req.parse::<Double>() {
            Ok(Double { number }) => ToolResponse::success(number * 2),
            Err(error) => error.into(),
        },
        "text" => ToolResponse::text(req.arguments["text"].as_str().unwrap_or_default()),
        "fail" => ToolResponse::error(Error::new("failed_so", "failed").retryable()),
        _ => req.unknown_tool(&["double", "text", "fail"]),
    }
}

fn respond(method: &str, params: Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let line = private::respond_by_hand(&mut handle, request.to_string().as_bytes());
    serde_json::from_slice(&line).unwrap()
}

fn call(tool: &str, arguments: Value) -> Value {
    respond("tools/call", json!({ "name": tool, "arguments": arguments }))
}

#[test]
fn results_and_errors() {
    assert_eq!(call("double", json!({ "number": 4 }))["result"]["structuredContent"], 8);
    assert_eq!(call("text", json!({ "text": "x" }))["result"]["content"][0]["text"], "x");
    assert_eq!(
        call("fail", json!({}))["error"]["data"],
        json!({ "kind": "tool_error", "code": "failed_so", "retryable": true })
    );
    assert_eq!(
        call("dubble", json!({}))["error"]["data"],
        json!({ "kind": "unknown_tool", "tool": "dubble", "nearest": "double" })
    );
}

#[test]
fn argument_errors_contain_a_pointer() {
    let error = call("double", json!({ "numbr": 4 }))["error"].clone();
    assert_eq!(error["data"]["kind"], "invalid_arguments");
    assert_eq!(error["data"]["pointer"], "/numbr");
    assert_eq!(
        error["message"],
        "the arguments do not fit `double`: `/numbr`: there is no key `numbr`, expected `number`; did you mean `number`?"
    );
    let error = call("double", json!([]))["error"].clone();
    assert_eq!(error["message"], "the arguments do not fit `double`: expected an object");
}

#[test]
fn definitions_are_in_the_manifest() {
    let error = respond("tools/list", Value::Null)["error"].clone();
    assert_eq!(error["code"], -32601);
    assert!(error["message"].as_str().unwrap().contains("manifest.json"));
}
