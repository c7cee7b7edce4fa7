//! Approval of calls through the client.

use serde_json::{Value, json};

use crate::client::{Client, modern};
use crate::support::{Sample, Served};

const DONE: &str = r#"{"content":[{"type":"text","text":"erased"}],"isError":false}"#;

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}

#[test]
fn a_client_that_cannot_ask_gets_a_refusal_that_says_what_to_do() {
    let served = Served::new(vec![Sample::answering("disk", DONE)]);
    let mut client = Client::legacy(&served, json!({}));
    let result = client.call("erase", json!({ "path": "/a" }));
    assert_eq!(result["isError"], true, "{result}");
    assert!(text(&result).starts_with("approval_required: the tool `erase`"), "{result}");
    assert!(text(&result).contains("\nA person can allow this: "), "{result}");
    assert_eq!(result["_meta"]["mpp/error"]["kind"], "approval_required", "{result}");
    assert_eq!(served.audited(), ["approval_required"]);
}

#[test]
fn an_earlier_client_is_asked_during_the_call() {
    let served = Served::new(vec![Sample::answering("disk", DONE)]);
    let mut client = Client::legacy(&served, json!({ "elicitation": {} }));
    for (action, is_error) in [("accept", false), ("decline", true), ("cancel", true)] {
        client.start("tools/call", "1", &json!({ "name": "erase", "arguments": { "path": "/a" } }));
        let question = client.next();
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let message = question["params"]["message"].as_str().unwrap();
        assert!(message.contains("`erase`") && message.contains(r#""path": "/a""#), "{message}");
        let mut answer = json!({ "action": action });
        if action == "accept" {
            answer["content"] = json!({});
        }
        client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }).to_string());
        let result = client.next()["result"].clone();
        assert_eq!(result["isError"], is_error, "{action}: {result}");
        if is_error {
            assert!(text(&result).starts_with("approval_refused: the person who was asked declined"), "{result}");
        }
    }
    assert_eq!(served.audited(), ["ok", "approval_refused", "approval_refused"]);
}

#[test]
fn a_current_client_is_asked_to_call_again() {
    let served = Served::new(vec![Sample::answering("disk", DONE)]);
    let mut client = Client::connect(&served);
    let meta = modern(json!({ "elicitation": {} }));
    let call = |more: Value| {
        let mut params = json!({ "name": "erase", "arguments": { "path": "/a" }, "_meta": meta });
        for (key, value) in more.as_object().unwrap() {
            params[key] = value.clone();
        }
        params
    };
    let answers = |action: &str| json!({ "approval": { "action": action, "content": {} } });
    let ask = |client: &mut Client| {
        let asked = client.request("tools/call", "1", &call(json!({})))["result"].clone();
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        let message = &asked["inputRequests"]["approval"]["params"]["message"];
        assert!(message.as_str().unwrap().contains("`erase`"), "{asked}");
        asked["requestState"].clone()
    };

    let state = ask(&mut client);
    let again = call(json!({ "requestState": state, "inputResponses": answers("accept") }));
    let result = client.request("tools/call", "2", &again)["result"].clone();
    assert_eq!((text(&result), &result["resultType"]), ("erased", &json!("complete")), "{result}");
    // The same answer does not count twice.
    let repeated = client.request("tools/call", "3", &again);
    assert_eq!(repeated["error"]["code"], -32602, "{repeated}");

    // An answer counts only for the arguments that were shown.
    let state = ask(&mut client);
    let mut other = call(json!({ "requestState": state, "inputResponses": answers("accept") }));
    other["arguments"]["path"] = json!("/b");
    assert_eq!(client.request("tools/call", "4", &other)["error"]["code"], -32602);

    let state = ask(&mut client);
    let declined = call(json!({ "requestState": state, "inputResponses": answers("decline") }));
    let result = client.request("tools/call", "5", &declined)["result"].clone();
    assert!(text(&result).starts_with("approval_refused"), "{result}");

    // A state without an answer is no approval.
    let state = ask(&mut client);
    let silent = call(json!({ "requestState": state }));
    let result = client.request("tools/call", "6", &silent)["result"].clone();
    assert!(text(&result).starts_with("approval_refused"), "{result}");
    assert_eq!(served.audited(), ["ok", "approval_refused", "approval_refused"]);
}
