//! Lists and calls, in both eras and through both lanes.

use mpp_mcp::bridge::{Era, Selection};
use serde_json::{Value, json};

use crate::client::{Client, modern};
use crate::support::{Sample, Served, tool};

/// A structured result that is no object, with a number that has more digits than 64 bits hold, and personal data.
const LIST: &str =
    r#"{"content":[],"structuredContent":[12345678901234567890.123456789,"ada@example.com"],"isError":false}"#;

#[test]
fn a_result_is_filtered_and_has_the_shape_of_its_era() {
    let served = Served::new(vec![Sample::answering("list", LIST)]);
    let mut old = Client::legacy(&served, json!({}));
    old.start("tools/call", "1", &json!({ "name": "say", "arguments": {} }));
    assert_eq!(
        old.line(),
        r#"{"jsonrpc":"2.0","id":"1","result":{"content":[{"type":"text","text":"[12345678901234567890.123456789,\"[REDACTED:email]\"]"}],"structuredContent":{"result":[12345678901234567890.123456789,"[REDACTED:email]"]},"isError":false}}"#
    );
    let mut new = Client::connect(&served);
    new.start("tools/call", "1", &json!({ "name": "say", "arguments": {}, "_meta": modern(json!({})) }));
    assert_eq!(
        new.line(),
        r#"{"jsonrpc":"2.0","id":"1","result":{"resultType":"complete","content":[{"type":"text","text":"[12345678901234567890.123456789,\"[REDACTED:email]\"]"}],"structuredContent":[12345678901234567890.123456789,"[REDACTED:email]"],"isError":false}}"#
    );
    old.close();
    new.close();
}

#[test]
fn the_same_call_has_the_same_answer_through_both_lanes() {
    let served = Served::new(vec![
        Sample::answering("list", LIST),
        Sample::answering("failing", r#"{"content":[{"type":"text","text":"no"}],"isError":true}"#)
            .tools(json!([tool("fail", "low")])),
    ]);
    let mut client = Client::legacy(&served, json!({}));
    let mut answers = |meta: Value| {
        let calls = [
            ("say", json!({})),
            ("fail", json!({})),
            ("erase", json!({})),
            ("sya", json!({})),
            ("say", json!({ "a": 1.50 })),
        ];
        calls.map(|(name, arguments)| {
            client.start("tools/call", "x", &json!({ "name": name, "arguments": arguments, "_meta": meta }));
            client.line()
        })
    };
    // A progress token is handled by the protocol library.
    assert_eq!(answers(json!({})), answers(json!({ "progressToken": "p" })));
}

#[test]
fn names_that_collide_are_qualified_and_a_selection_renames_and_hides() {
    let served = Served::new(vec![
        Sample::answering("one", LIST),
        Sample::answering("two", LIST).select(Selection::default().deny(["erase"])),
        Sample::answering("three", LIST).select(Selection::default().allow(["say"]).rename("say", "speak")),
    ]);
    assert_eq!(served.bridge.tools(), ["one__say", "erase", "two__say", "speak"]);
    let mut client = Client::legacy(&served, json!({}));
    for name in ["one__say", "two__say", "speak"] {
        assert_eq!(client.call(name, json!({}))["isError"], false, "{name}");
    }
    let refused = client.request("tools/call", "1", &json!({ "name": "say", "arguments": {} }));
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert_eq!(refused["error"]["data"]["kind"], "unknown_tool", "{refused}");
}

#[test]
fn the_list_is_published_in_the_shape_of_the_era() {
    let returns = json!({ "type": "array", "items": { "type": "integer", "minimum": 1 } });
    let definition = json!({
        "name": "count", "title": "Count", "description": "Counts.",
        "parameters": { "type": "object", "properties": { "of": { "const": "a" } }, "required": ["of"], "additionalProperties": false },
        "returns": returns, "security_level": "medium", "annotations": { "readOnlyHint": true },
    });
    let served = Served::new(vec![Sample::answering("counter", LIST).tools(json!([definition]))]);
    let mut old = Client::legacy(&served, json!({}));
    let legacy = old.request("tools/list", "1", &json!({}));
    let mut new = Client::connect(&served);
    let current = new.request("tools/list", "1", &json!({ "_meta": modern(json!({})) }));
    let items = json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string" }] });
    let widened = json!({ "type": "array", "items": items });
    let common = json!({
        "name": "count", "title": "Count", "description": "Counts.",
        "inputSchema": { "type": "object", "properties": { "of": { "enum": ["a"] } }, "required": ["of"], "additionalProperties": false },
        "annotations": { "title": "Count", "readOnlyHint": true },
        "_meta": { "mpp/package": "com.example.counter", "mpp/version": "1.2.3", "mpp/securityLevel": "medium" },
    });
    let expected = |output: Value| {
        let mut tool = common.clone();
        tool["outputSchema"] = output;
        json!([tool])
    };
    let wrapped = json!({ "type": "object", "properties": { "result": widened }, "required": ["result"] });
    assert_eq!(legacy["result"], json!({ "tools": expected(wrapped) }));
    assert_eq!(current["result"]["tools"], expected(widened));
    assert_eq!(current["result"]["resultType"], "complete");
    assert_eq!(current["result"]["cacheScope"], "private");
    // The order of members is MCP's, in the text as it is sent.
    assert!(served.bridge.list(Era::Legacy).starts_with(r#"{"tools":[{"name":"count","title":"Count","description""#));
}

#[test]
fn the_list_has_arguments_and_fields_in_the_authors_order() {
    let fields = json!({
        "zone": { "const": "utc" }, "city": { "type": ["string", "null"] }, "at": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
    });
    let definition = json!({
        "name": "plan", "description": "Plans.", "security_level": "low",
        "parameters": { "type": "object", "properties": fields, "required": ["zone", "at"], "additionalProperties": false },
        "returns": { "type": "object", "properties": fields, "required": ["zone", "at"] },
    });
    let served = Served::new(vec![Sample::answering("planner", LIST).tools(json!([definition]))]);
    for era in [Era::Legacy, Era::Modern] {
        let list: Value = serde_json::from_str(&served.bridge.list(era)).unwrap();
        for schema in ["inputSchema", "outputSchema"] {
            let schema = &list["tools"][0][schema];
            assert!(schema["properties"].as_object().unwrap().keys().eq(["zone", "city", "at"]), "{schema}");
            assert_eq!(schema["required"], json!(["zone", "at"]));
        }
    }
}

#[test]
fn a_cancelled_call_ends_and_is_not_answered() {
    let served = Served::new(vec![
        Sample::looping("loop").tools(json!([tool("run", "low")])),
        Sample::answering("list", LIST).tools(json!([tool("say", "low")])),
    ]);
    for (cancelled, meta) in [json!({}), json!({ "progressToken": "through the protocol library" })].iter().enumerate()
    {
        let mut client = Client::legacy(&served, json!({}));
        client.start("tools/call", "slow", &json!({ "name": "run", "arguments": {}, "_meta": meta }));
        // A call of another package is answered meanwhile.
        assert_eq!(client.call("say", json!({}))["isError"], false);
        client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}"#);
        served.wait_for(cancelled + 1, "cancelled");
        // The id is no longer in use.
        client.start("tools/call", "slow", &json!({ "name": "say", "arguments": {} }));
        assert_eq!(client.next()["result"]["isError"], false);
        client.ends_silently();
    }
}

#[test]
fn a_client_that_closes_its_side_still_gets_its_answers() {
    let served = Served::new(vec![Sample::answering("list", LIST)]);
    let mut client = Client::legacy(&served, json!({}));
    for id in ["1", "2", "3"] {
        client.start("tools/call", id, &json!({ "name": "say", "arguments": {}, "_meta": { "progressToken": id } }));
    }
    let mut ids: Vec<Value> = Vec::new();
    let answers = {
        let (receiver, server) = client.half_close();
        let lines: Vec<String> = receiver.iter().collect();
        server.join().unwrap();
        lines
    };
    for line in answers {
        let answer: Value = serde_json::from_str(&line).unwrap();
        ids.push(answer["id"].clone());
    }
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, ["1", "2", "3"]);
}

#[test]
fn what_a_tool_logs_is_sent_to_clients_that_ask_for_it() {
    let served = Served::new(vec![Sample::logging("chatty", "looked up ada@example.com\n\nfound nothing\n")]);
    let mut client = Client::legacy(&served, json!({}));
    assert_eq!(client.call("say", json!({}))["isError"], false);
    client.request("logging/setLevel", "1", &json!({ "level": "info" }));
    for meta in [json!({}), json!({ "progressToken": 1 })] {
        client.start("tools/call", "2", &json!({ "name": "say", "arguments": {}, "_meta": meta }));
        let log = client.next();
        assert_eq!(log["method"], "notifications/message", "{log}");
        assert_eq!(log["params"]["data"], "looked up [REDACTED:email]", "{log}");
        // A notification for each line.
        assert_eq!(client.next()["params"]["data"], "found nothing");
        assert_eq!(client.next()["id"], "2");
    }
    client.request("logging/setLevel", "3", &json!({ "level": "error" }));
    assert_eq!(client.call("say", json!({}))["isError"], false);
}

#[test]
fn clients_learn_that_the_list_has_changed() {
    let served = Served::new(vec![Sample::answering("list", LIST)]);
    let mut old = Client::legacy(&served, json!({}));
    assert_eq!(old.call("say", json!({}))["isError"], false);
    let mut new = Client::connect(&served);
    let params = json!({ "_meta": modern(json!({})), "notifications": { "toolsListChanged": true } });
    let acknowledged = new.request("subscriptions/listen", "7", &params);
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged", "{acknowledged}");
    served.replace(0, Sample::answering("list", LIST).version("2.0.0").tools(json!([tool("tell", "low")]))).unwrap();
    for client in [&old, &new] {
        assert_eq!(client.next()["method"], "notifications/tools/list_changed");
    }
    assert_eq!(old.request("tools/list", "2", &json!({}))["result"]["tools"][0]["name"], "tell");
    // The same list is not announced again.
    served.replace(0, Sample::answering("list", LIST).version("2.0.0").tools(json!([tool("tell", "low")]))).unwrap();
    assert_eq!(old.call("tell", json!({}))["isError"], false);
    old.ends_silently();
    new.close();
}

#[test]
fn a_package_that_is_withdrawn_is_published_no_longer() {
    let served = Served::new(vec![Sample::answering("list", LIST), Sample::answering("other", LIST)]);
    let mut client = Client::legacy(&served, json!({}));
    assert_eq!(served.bridge.tools().len(), 4);
    let id = "com.example.list";
    served.bridge.withdraw(id);
    assert_eq!(client.next()["method"], "notifications/tools/list_changed");
    assert_eq!(served.bridge.tools(), ["say", "erase"]);
    assert_eq!(client.call("say", json!({}))["isError"], false);
    // It is gone already.
    served.bridge.withdraw(id);
    assert_eq!(served.bridge.tools(), ["say", "erase"]);
}
