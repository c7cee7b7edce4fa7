//! Invalid arguments and their messages.

use mpp_sdk::serde_json::{Value, json};

use crate::tools::{call, mistakes, respond};

/// Asserts that a call has one mistake, with this pointer and message.
fn one(tool: &str, arguments: Value, pointer: &str, message: &str) {
    let found = mistakes(tool, &arguments);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (pointer, message));
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let response = call("lookup", &json!({ "qurey": "ada", "limit": 500, "company": 5 }));
    assert_eq!(
        response["error"]["message"],
        "the arguments do not fit `lookup`: `/qurey`: there is no such argument; did you mean `query`?; \
         `/limit`: expected an integer from 0 to 255, found integer `500`; `/company`: expected a string, found integer `5`"
    );
    assert_eq!(response["error"]["data"]["pointer"], "/qurey");
    assert_eq!(response["error"]["data"]["tool"], "lookup");
}

#[test]
fn missing_unknown_and_repeated_arguments_are_reported() {
    one("lookup", json!({}), "/query", "is missing");
    one("nothing", json!({ "x": 1 }), "/x", "there is no such argument; the tool takes none");
    one("answer", json!({ "how": "null", "zzzzzz": 1 }), "/zzzzzz", "there is no such argument, expected `how`");
    let twice = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"answer","arguments":{"how":"null","how":"big"}}}"#;
    assert_eq!(respond(twice)["error"]["data"]["mistakes"][0]["message"], "is given twice");
}

#[test]
fn arguments_that_are_not_an_object_are_refused() {
    for (arguments, found) in [(json!([]), "an array"), (json!("x"), "string \"x\""), (json!(5), "integer `5`")] {
        one("lookup", arguments, "", &format!("expected an object, found {found}"));
    }
}

#[test]
fn missing_arguments_are_an_empty_object() {
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"perhaps"}}"#;
    assert_eq!(respond(request)["result"]["content"], json!([]));
    let request = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"perhaps","arguments":null}}"#;
    assert_eq!(respond(request)["result"]["content"], json!([]));
}

#[test]
fn ranges_and_lengths_are_enforced() {
    one("lookup", json!({ "query": "ada", "limit": 0 }), "/limit", "expected at least 1 and at most 100, found 0");
    one(
        "lookup",
        json!({ "query": "" }),
        "/query",
        "expected at least 1 character and at most 5 characters, found \"\"",
    );
    // Five characters in ten bytes.
    let response = call("lookup", &json!({ "query": "ääääa" }));
    assert_eq!(response["error"]["data"]["code"], "not_found");
    one("take", json!({ "share": 1 }), "/share", "expected at least 0.0 and less than 1.0, found 1");
    assert!(call("take", &json!({ "share": 0 }))["result"].is_object());
}

#[test]
fn nested_mistakes_have_nested_pointers() {
    let person = |address: Value| json!({ "person": { "name": "Ada", "addresses": [{ "street": "1" }, address] } });
    one("take", person(json!({ "street": 5 })), "/person/addresses/1/street", "expected a string, found integer `5`");
    one("take", person(json!({})), "/person/addresses/1", "the key `street` is missing");
    let found = mistakes("take", &person(json!({ "street": "1", "zpi": "x" })));
    assert_eq!(found[0].0, "/person/addresses/1/zpi");
    assert_eq!(found[0].2.as_deref(), Some("zip"));
    one(
        "take",
        json!({ "counts": { "a/b": 1, "c": 256 } }),
        "/counts/c",
        "expected an integer from 0 to 255, found integer `256`",
    );
    one(
        "take",
        json!({ "counts": { "a/b~": -1 } }),
        "/counts/a~1b~0",
        "expected an integer from 0 to 255, found integer `-1`",
    );
    one("take", json!({ "a/b~c": 1 }), "/a~1b~0c", "expected a boolean, found integer `1`");
}

#[test]
fn an_unknown_choice_is_reported_with_the_nearest_one() {
    let found = mistakes("take", &json!({ "colour": "Rde", "shape": { "kind": "dto" } }));
    assert_eq!(found[0].0, "/shape/kind");
    assert_eq!(found[0].1, "there is no choice `dto`, expected `circle` or `dot`");
    assert_eq!(found[0].2.as_deref(), Some("dot"));
    assert_eq!(found[1].2.as_deref(), Some("Red"));
    one(
        "take",
        json!({ "colour": { "Grey": "x" } }),
        "/colour/Grey",
        "expected an integer from 0 to 255, found string \"x\"",
    );
}

#[test]
fn numbers_out_of_range_are_refused() {
    one(
        "lookup",
        json!({ "query": "ada", "limit": 1.5 }),
        "/limit",
        "expected an integer from 0 to 255, found floating point `1.5`",
    );
    let huge = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lookup","arguments":{"query":"ada","limit":123456789012345678901234567890}}}"#;
    let message = respond(huge)["error"]["data"]["mistakes"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("expected an integer from 0 to 255, found"), "{message}");
    let infinite =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"take","arguments":{"share":1e999}}}"#;
    assert_eq!(respond(infinite)["error"]["data"]["mistakes"][0]["message"], "number out of range");
}

#[test]
fn long_values_are_shortened_in_messages() {
    let found = mistakes("lookup", &json!({ "query": "ada", "limit": "x".repeat(1_000_000) }));
    assert!(found[0].1.len() < 200, "{}", found[0].1.len());
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    let deep = format!("{}{}", r#"{"name":"x","children":["#.repeat(5_000), "]}".repeat(5_000));
    let request = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"take","arguments":{{"tree":{deep}}}}}}}"#
    );
    let response = respond(request.as_bytes());
    assert_eq!(response["error"]["data"]["mistakes"][0]["message"], "recursion limit exceeded");
}
