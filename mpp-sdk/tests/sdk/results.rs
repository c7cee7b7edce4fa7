//! Results and errors in the wire format.

use mpp_sdk::serde_json::{Value, json};

use crate::tools::{call, respond};

#[test]
fn structured_results_are_returned_unchanged() {
    let response = call("lookup", &json!({ "query": "ada", "company": null }));
    assert_eq!(response["result"], json!({ "content": [], "structuredContent": ["Ada, 10, None"], "isError": false }));
    assert_eq!(call("answer", &json!({ "how": "null" }))["result"].get("structuredContent"), Some(&Value::Null));
    let big = &call("answer", &json!({ "how": "big" }))["result"]["structuredContent"];
    assert_eq!(big.to_string(), r#"{"big":18446744073709551615,"small":-9223372036854775808,"half":0.5}"#);
}

#[test]
fn text_media_and_empty_results_are_content() {
    assert_eq!(
        call("perhaps", &json!({ "text": "a\n\"b\"" }))["result"]["content"],
        json!([{ "type": "text", "text": "a\n\"b\"" }])
    );
    assert_eq!(call("perhaps", &json!({}))["result"], json!({ "content": [], "isError": false }));
    assert_eq!(call("nothing", &json!({}))["result"], json!({ "content": [], "isError": false }));
    assert_eq!(
        call("media", &json!({}))["result"]["content"],
        json!([{ "type": "text", "text": "look" }, { "type": "image", "data": "R0lG", "mimeType": "image/gif" }])
    );
}

#[test]
fn a_complete_result_keeps_all_its_members() {
    assert_eq!(
        call("mixed", &json!({}))["result"],
        json!({
            "content": [
                { "type": "text", "text": "look", "annotations": { "audience": ["user"] } },
                { "type": "resource_link", "uri": "file:///a", "name": "a", "size": 3 },
            ],
            "structuredContent": { "n": 1 }, "isError": true, "_meta": { "trace": "x" },
        })
    );
}

#[test]
fn errors_have_code_retryable_and_details() {
    let error = |tool: &str, arguments: Value| call(tool, &arguments)["error"].clone();
    assert_eq!(
        error("lookup", json!({ "query": "bob" })),
        json!({ "code": -31000, "message": "nobody is called `bob`",
            "data": { "kind": "tool_error", "code": "not_found", "retryable": false } })
    );
    assert_eq!(error("lookup", json!({ "query": "busy" }))["data"]["retryable"], true);
    assert_eq!(error("answer", json!({ "how": "fail" }))["data"]["code"], "failed");
    assert_eq!(error("answer", json!({ "how": "x" }))["data"]["details"], json!({ "ways": ["null", "big"] }));
    let argument = error("answer", json!({ "how": "argument" }));
    assert_eq!(
        (&argument["data"]["kind"], &argument["data"]["pointer"]),
        (&json!("invalid_arguments"), &json!("/how"))
    );
}

#[test]
fn a_panic_is_a_clean_error() {
    let error = call("answer", &json!({ "how": "panic" }))["error"].clone();
    assert_eq!((&error["code"], &error["message"]), (&json!(-31005), &json!("the tool panicked: asked to")));
}

#[test]
fn a_result_that_is_not_json_is_an_error() {
    let error = call("no_json", &json!({}))["error"].clone();
    assert_eq!(error["data"]["code"], "result_not_json");
}

#[test]
fn missing_and_duplicate_tools_are_reported_with_the_fix() {
    mod other {
        /// The same name.
        #[mpp_sdk::tool]
        pub(crate) fn nothing() {}
    }
    use mpp_sdk::private::{ToolFn, respond};
    let list = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let text = |tools: &mpp_sdk::ToolSet| String::from_utf8(respond(tools, list)).unwrap();
    let none = text(&mpp_sdk::tools![]);
    assert!(
        none.contains("this program has no tools: mark a function with `#[mpp::tool]`") && none.contains("no_tools"),
        "{none}"
    );
    let mut twice = vec![other::nothing::TOOL, other::nothing::TOOL];
    let two = text(&mpp_sdk::ToolSet::new(twice.clone()));
    assert!(two.contains("two tools are named `nothing`") && two.contains("duplicate_tool"), "{two}");
    twice.pop();
    assert!(text(&mpp_sdk::ToolSet::new(twice)).contains("\"tools\":["));
}

#[test]
fn the_same_request_gets_the_same_response() {
    let list = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert_eq!(respond(list), respond(list));
}
