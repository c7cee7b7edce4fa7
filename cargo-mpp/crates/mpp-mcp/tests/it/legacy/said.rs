//! What servers say during calls, and where it arrives.

use serde_json::{Value, json};

use super::{Fake, SideBySide, text};
use crate::client::{Client, modern};
use crate::http::{Running, Session};

const MARK: &str = "The MCP server `fake`, which is not verified, asks:\nWho is [REDACTED:email]?";

fn says(era: &str) -> SideBySide {
    SideBySide::new(&[Fake::new(era, "says,elicits,asks")])
}

fn accept() -> Value {
    json!({ "action": "accept", "content": { "name": "Ada" } })
}

#[test]
fn progress_and_log_messages_reach_the_client_that_called() {
    for server in ["legacy", "modern"] {
        let side = says(server);
        let mut old = Client::legacy(&side.served, json!({}));
        old.request("logging/setLevel", "level", &json!({ "level": "notice" }));
        let mut new = Client::connect(&side.served);
        for (client, mut meta) in [(&mut old, json!({})), (&mut new, modern(json!({})))] {
            let is_modern = !meta.as_object().unwrap().is_empty();
            meta["progressToken"] = json!("mine");
            if is_modern {
                meta["io.modelcontextprotocol/logLevel"] = json!("notice");
            }
            client.start("tools/call", "1", &json!({ "name": "says", "arguments": {}, "_meta": meta }));
            let progress = |n: u64, words: &str| json!({ "progressToken": "mine", "progress": n as f64, "total": 2.0, "message": words });
            for expected in [progress(1, "half of [REDACTED:email]"), progress(2, "all of it")] {
                let message = client.next();
                assert_eq!(message["method"], "notifications/progress", "{server}: {message}");
                assert_eq!(message["params"], expected, "{server}");
            }
            // The message of the level `debug` is not wanted.
            let log = client.next();
            assert_eq!(log["method"], "notifications/message", "{server}: {log}");
            let data = json!({ "text": "seen [REDACTED:email]", "n": 1 });
            assert_eq!(log["params"], json!({ "level": "warning", "logger": "fake", "data": data }), "{server}");
            assert_eq!(text(&client.next()["result"]), "said, from notice", "{server}");
        }
        // A client that wants nothing gets nothing but the answer.
        let mut quiet = Client::legacy(&side.served, json!({}));
        assert!(text(&quiet.call("says", json!({}))).starts_with("said"), "{server}");
        side.close();
    }
}

#[test]
fn an_earlier_client_answers_the_question_of_a_server_during_the_call() {
    for server in ["legacy", "modern"] {
        let side = says(server);
        let mut client = Client::legacy(&side.served, json!({ "elicitation": {} }));
        for (answer, expected) in [
            (accept(), r#"{"action":"accept","content":{"name":"Ada"}}"#),
            (json!({ "action": "decline" }), r#"{"action":"decline"}"#),
            (json!({ "nonsense": 1 }), r#"{"action":"cancel"}"#),
        ] {
            client.start("tools/call", "1", &json!({ "name": "elicits", "arguments": {} }));
            let question = client.next();
            assert_eq!(question["method"], "elicitation/create", "{server}: {question}");
            assert_eq!(question["params"]["message"], MARK, "{server}");
            // What the library does not know of a schema is passed on.
            assert_eq!(question["params"]["requestedSchema"]["properties"]["name"]["x-unknown"], 1, "{server}");
            let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }).to_string();
            client.send(&answer);
            assert_eq!(text(&client.next()["result"]), expected, "{server}");
            // Too late.
            client.send(&answer);
        }
        side.close();
    }
}

#[test]
fn a_current_client_answers_the_question_of_a_server_by_calling_again() {
    for server in ["legacy", "modern"] {
        let side = says(server);
        let mut client = Client::connect(&side.served);
        let call = |more: Value, arguments: Value| {
            let mut params =
                json!({ "name": "elicits", "arguments": arguments, "_meta": modern(json!({ "elicitation": {} })) });
            for (key, value) in more.as_object().unwrap() {
                params[key] = value.clone();
            }
            params
        };
        let asked = client.request("tools/call", "1", &call(json!({}), json!({})))["result"].clone();
        assert_eq!(asked["resultType"], "input_required", "{server}: {asked}");
        let question = &asked["inputRequests"]["question"];
        assert_eq!(question["method"], "elicitation/create", "{server}: {asked}");
        assert_eq!(question["params"]["message"], MARK, "{server}");
        let again = json!({ "requestState": asked["requestState"], "inputResponses": { "question": accept() } });
        // Only the call that was asked about is continued.
        let other = client.request("tools/call", "2", &call(again.clone(), json!({ "other": 1 })));
        assert_eq!(other["result"]["resultType"], "input_required", "{server}: {other}");
        let result = client.request("tools/call", "3", &call(again.clone(), json!({})))["result"].clone();
        assert_eq!(text(&result), r#"{"action":"accept","content":{"name":"Ada"}}"#, "{server}");
        // The answer counts once; the call is a new one.
        let repeated = client.request("tools/call", "4", &call(again, json!({})))["result"].clone();
        assert_eq!(repeated["resultType"], "input_required", "{server}: {repeated}");
        side.close();
    }
}

#[test]
fn a_question_is_asked_over_http_in_both_eras() {
    for server in ["legacy", "modern"] {
        let side = says(server);
        let running = Running::start(&side.served, |_| {});
        let mut session = Session::open(&running, json!({ "elicitation": {} }));
        let mut answer = session.call("elicits", json!({}));
        let question = answer.event();
        assert_eq!(question["params"]["message"], MARK, "{server}");
        session.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": accept() }));
        assert_eq!(text(&answer.event()["result"]), r#"{"action":"accept","content":{"name":"Ada"}}"#, "{server}");

        // Each request of the other era is a session of its own.
        let ask = |more: Value| {
            let mut params =
                json!({ "name": "elicits", "arguments": {}, "_meta": modern(json!({ "elicitation": {} })) });
            for (key, value) in more.as_object().unwrap() {
                params[key] = value.clone();
            }
            let headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: elicits\r\n";
            let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
            let answer: Value = serde_json::from_str(&running.post(headers, &call).text()).unwrap();
            answer["result"].clone()
        };
        let asked = ask(json!({}));
        assert_eq!(asked["resultType"], "input_required", "{server}: {asked}");
        let responses = json!({ "question": accept() });
        let result = ask(json!({ "requestState": asked["requestState"], "inputResponses": responses }));
        assert_eq!(text(&result), r#"{"action":"accept","content":{"name":"Ada"}}"#, "{server}: {result}");
        side.close();
    }
}

#[test]
fn progress_arrives_over_http_in_both_eras() {
    let side = says("legacy");
    let running = Running::start(&side.served, |_| {});
    let mut session = Session::open(&running, json!({}));
    let mut answer = session.call("says", json!({ "progressToken": 5 }));
    let first = answer.event();
    assert_eq!((&first["params"]["progressToken"], &first["params"]["progress"]), (&json!(5), &json!(1.0)), "{first}");
    assert_eq!(answer.event()["params"]["progress"], 2.0);
    assert!(text(&answer.event()["result"]).starts_with("said"));

    let mut meta = modern(json!({}));
    meta["progressToken"] = json!("p");
    meta["io.modelcontextprotocol/logLevel"] = json!("warning");
    let mut answer = running.call("", "says", meta);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let messages: Vec<Value> = (0..4).map(|_| answer.event()).collect();
    assert_eq!(messages[0]["params"]["progressToken"], "p");
    assert_eq!(messages[2]["params"]["data"]["text"], "seen [REDACTED:email]");
    assert_eq!(text(&messages[3]["result"]), "said, from warning");
    side.close();
}

#[test]
fn what_is_not_passed_on_is_refused_and_the_call_goes_on() {
    // Nobody can be asked: a server of an earlier version is told so, and goes on.
    let side = says("legacy");
    let mut client = Client::legacy(&side.served, json!({}));
    assert_eq!(text(&client.call("elicits", json!({}))), r#"{"action":"decline"}"#);
    assert_eq!(text(&client.call("asks", json!({}))), "asked", "sampling");
    side.close();
    // A current server that asks for something else ends the call.
    let side = says("modern");
    let mut client = Client::legacy(&side.served, json!({}));
    let refused = client.call("elicits", json!({}));
    assert!(
        text(&refused).starts_with("invalid_response: the MCP server `fake` asks for `sampling/createMessage`"),
        "{refused}"
    );
    assert_eq!(client.call("echo", json!({}))["isError"], false);
    side.close();
}

#[test]
fn a_message_that_can_be_for_two_clients_is_for_none() {
    let side = SideBySide::new(&[Fake::new("legacy", "hangs,hanging,elicits")]);
    let mut other = Client::legacy(&side.served, json!({ "elicitation": {} }));
    other.start("tools/call", "slow", &json!({ "name": "hangs", "arguments": {} }));
    // Calls run on several threads, so that a later one can reach the server earlier.
    while text(&other.call("hanging", json!({}))) != "1" {}
    let mut client = Client::legacy(&side.served, json!({ "elicitation": {} }));
    assert_eq!(text(&client.call("elicits", json!({}))), r#"{"action":"decline"}"#);
    other.ends_silently();
    side.close();
}
