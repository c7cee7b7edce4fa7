//! Malformed requests.

use mpp_sdk::serde_json::{Value, json};

use crate::tools::{call, respond};

fn refused(input: &[u8], kind: &str, code: i64, message: &str) -> Value {
    let response = respond(input);
    let error = &response["error"];
    assert_eq!((&error["data"]["kind"], &error["code"]), (&json!(kind), &json!(code)), "{response}");
    assert!(error["message"].as_str().unwrap().contains(message), "{response}");
    response["id"].clone()
}

#[test]
fn invalid_json_is_a_parse_error_without_an_id() {
    for (input, message) in [
        (&b""[..], "the request is empty"),
        (b" \n", "the request is empty"),
        (b"hello", "the request is not JSON"),
        (b"{\"jsonrpc\":", "the request is not JSON"),
        (b"{} {}", "the request is not JSON"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\xff\"}", "not UTF-8: invalid byte at offset 44"),
    ] {
        assert_eq!(refused(input, "parse_error", -32700, message), Value::Null);
    }
}

#[test]
fn json_that_is_not_a_request_is_an_invalid_request() {
    for (input, message, id) in [
        ("[]", "batches are not accepted", json!(null)),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#, "batches are not accepted", json!(null)),
        ("3", "one JSON object", json!(null)),
        ("{}", "`jsonrpc` must be \"2.0\"", json!(null)),
        (r#"{"jsonrpc":"1.0","id":1,"method":"tools/list"}"#, "`jsonrpc` must be \"2.0\"", json!(1)),
        (r#"{"jsonrpc":2.0,"id":1,"method":"tools/list"}"#, "`jsonrpc` must be \"2.0\"", json!(1)),
        (r#"{"jsonrpc":"2.0","method":"tools/list"}"#, "needs a whole number as `id`", json!(null)),
        (r#"{"jsonrpc":"2.0","id":"1","method":"tools/list"}"#, "needs a whole number as `id`", json!(null)),
        (r#"{"jsonrpc":"2.0","id":1}"#, "the request needs a string as `method`", json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, "the request needs a string as `method`", json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}"#, "the request has `id` twice", json!(null)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, "`params` of `tools/call` must be an object", json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["lookup"]}"#, "must be an object", json!(1)),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{}}}"#,
            "`params` needs a string as `name`",
            json!(1),
        ),
    ] {
        assert_eq!(refused(input.as_bytes(), "invalid_request", -32600, message), id, "{input}");
    }
}

#[test]
fn unknown_methods_and_tools_are_reported_with_the_nearest_name() {
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tool/list"}"#;
    refused(list.as_bytes(), "method_not_found", -32601, "did you mean `tools/list`?");
    let response = call("lokup", &json!({}));
    assert_eq!(
        response["error"],
        json!({ "code": -32602, "message": "there is no tool `lokup`; did you mean `lookup`?",
            "data": { "kind": "unknown_tool", "tool": "lokup", "nearest": "lookup" } })
    );
}

#[test]
fn responses_have_the_id_of_the_request_and_unknown_members_are_ignored() {
    let request = r#" {"id": 7, "jsonrpc": "2.0", "method": "tools/call", "_meta": [],
        "params": {"name": "nothing", "_meta": {"x": 1}}} "#;
    let response = respond(request.as_bytes());
    assert_eq!(response, json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [], "isError": false } }));
}

#[test]
fn every_truncated_or_modified_request_gets_one_response() {
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lookup","arguments":{"query":"ada","limit":7}}}"#;
    assert!(respond(request)["result"].is_object());
    for end in 0..request.len() {
        assert!(respond(&request[..end])["error"].is_object(), "cut at {end}");
    }
    let mut changed = request.to_vec();
    for place in 0..request.len() {
        for byte in [0, b'"', b'{', b']', b'\\', b'9', 0x80, 0xff] {
            changed[place] = byte;
            // `respond` asserts that the output is one line with one response.
            respond(&changed);
        }
        changed[place] = request[place];
    }
}
