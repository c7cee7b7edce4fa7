//! MCP servers that are reached over HTTP: sessions, streams, and what can go wrong.

use std::time::Duration;

use mpp_home::Home;
use mpp_mcp::legacy::Event;
use serde_json::{Value, json};

use super::{Fake, SideBySide, text};
use crate::client::{Client, modern};
use crate::http::{Running, Session};
use crate::support::{Sample, Served, tool};
use crate::web::Web;

fn kind(result: &Value) -> &str {
    result["_meta"]["mpp/error"]["kind"].as_str().unwrap_or_default()
}

#[test]
fn a_server_at_a_url_serves_clients_of_both_eras_and_its_token_does_not_come_back() {
    for era in ["legacy", "modern"] {
        let web = Web::start(era, &["data", "streams", "moved"]);
        let side = SideBySide::new(&[Fake::web(&web.url())]);
        assert_eq!(side.served.bridge.tools(), ["data", "echo", "moved", "streams"], "{era}");
        let mut old = Client::legacy(&side.served, json!({}));
        assert_eq!(text(&old.call("echo", json!({}))), "Bearer [REDACTED:env:TOKEN]", "{era}");
        assert_eq!(text(&old.call("streams", json!({}))), "streamed", "{era}");
        assert_eq!(text(&old.call("moved", json!({}))), "/mcp/", "{era}");
        let mut new = Client::connect(&side.served);
        let arguments = r#"{"n":12345678901234567890.50,"region":"north"}"#;
        let meta = modern(json!({}));
        new.send(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"data","arguments":{arguments},"_meta":{meta}}}}}"#
        ));
        assert!(new.line().contains(r#""structuredContent":[12345678901234567890.50]"#), "{era}");
        let call = web.wait_for(|seen| seen.message["params"]["name"] == "data");
        assert!(call.text.contains(arguments), "{era}: {}", call.text);
        // What travels in headers besides the body.
        let version = if era == "modern" { "2026-07-28" } else { "2025-11-25" };
        assert_eq!(call.header("mcp-protocol-version"), version);
        let named = (call.header("mcp-method"), call.header("mcp-name"), call.header("mcp-param-region"));
        let session = call.header("mcp-session-id");
        match era {
            "modern" => assert_eq!((named, session), (("tools/call", "data", "north"), "")),
            _ => assert_eq!((named, session), (("", "", ""), "s1")),
        }
        let home = side.close();
        let pinned = Home::at(home.path()).servers().load("fake", &[web.url()]).unwrap().unwrap();
        assert_eq!((pinned.version.as_str(), pinned.initializes), ("9.0", Some(era != "modern")));
        let ended = web.seen(|seen| seen.method == "DELETE");
        assert_eq!(ended.len(), usize::from(era == "legacy"), "the end of the session");
        assert!(ended.iter().all(|seen| seen.header("mcp-session-id") == "s1"));
    }
}

#[test]
fn arguments_and_definitions_keep_every_digit_on_the_way_through_a_session_over_http() {
    let web = Web::start("legacy", &[]);
    let side = SideBySide::new(&[Fake::web(&web.url())]);
    let running = Running::start(&side.served, |_| {});
    let session = Session::open(&running, json!({}));
    let arguments = r#"{"n":12345678901234567890.50}"#;
    session.send_text(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{arguments}}}}}"#
    ));
    let call = web.wait_for(|seen| seen.message["params"]["name"] == "echo");
    assert!(call.text.contains(arguments), "{}", call.text);
    let list = session.send_text(r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#).text();
    assert!(list.contains(r#""maximum":12345678901234567890.50"#), "{list}");
    side.close();
}

#[test]
fn another_program_of_ours_serves_as_a_server() {
    const RESULT: &str =
        r#"{"content":[],"structuredContent":[12345678901234567890.123456789,"ada@example.com"],"isError":false}"#;
    let behind = Served::new(vec![Sample::answering("behind", RESULT).tools(json!([tool("say", "low")]))]);
    let running = Running::start(&behind, |_| {});
    let side = SideBySide::new(&[Fake::web(&format!("http://{}/mcp", running.address))]);
    assert_eq!(side.served.bridge.tools(), ["say"]);
    let mut client = Client::legacy(&side.served, json!({}));
    let result = client.call("say", json!({}));
    assert!(text(&result).contains("12345678901234567890.123456789"), "{result}");
    assert!(text(&result).contains("[REDACTED:email]"), "{result}");
    side.close();
}

#[test]
fn bad_answers_fail_one_call_and_are_reported_once() {
    let tools =
        ["dies", "stops", "invalid", "page", "silent", "elsewhere", "loops", "forbidden", "broken", "long", "floods"];
    let web = Web::start("legacy", &tools);
    let side = SideBySide::new(&[Fake::web(&web.url())]);
    assert!(matches!(side.event(), Event::FirstUse { .. }));
    let mut client = Client::legacy(&side.served, json!({}));
    for (tool, expected, words) in [
        ("dies", "tool_crashed", "broke off: "),
        ("stops", "tool_crashed", "closed the stream before it answered; the call may have had an effect"),
        ("invalid", "invalid_response", "sent a message that is not JSON instead of an answer"),
        ("invalid", "invalid_response", "sent a message that is not JSON instead of an answer"),
        ("page", "invalid_response", "sent a body that is neither JSON nor an event stream"),
        ("silent", "tool_crashed", "accepted the request and did not answer it"),
        (
            "elsewhere",
            "invalid_response",
            "HTTP 307 (Temporary Redirect): a redirect to `http://127.0.0.2:9`, which is not followed",
        ),
        ("loops", "tool_crashed", "redirects requests without end"),
        ("forbidden", "invalid_response", "HTTP 401 (Unauthorized): who is [REDACTED:email]?"),
        ("broken", "invalid_response", "HTTP 500 (Internal Server Error); the call may have had an effect"),
        ("long", "output_limit", "longer than 16 MiB"),
        ("floods", "output_limit", "sent more than 64 MiB in one answer"),
    ] {
        let result = client.call(tool, json!({}));
        assert_eq!(kind(&result), expected, "{tool}: {result}");
        assert!(text(&result).contains(words), "{tool}: {result}");
        assert_eq!(client.call("echo", json!({}))["isError"], false, "after {tool}");
    }
    let reported: Vec<Event> = side.events.try_iter().collect();
    let what = |event: &Event| match event {
        Event::Fault { what, .. } => (*what).to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reported.iter().map(what).collect::<Vec<_>>(),
        [
            "sent a message that is not JSON",
            "sent a body that is neither JSON nor an event stream",
            "sent a message that is longer than 16 MiB",
            "sent more than 64 MiB in one answer",
        ]
    );
    side.close();
}

#[test]
fn a_stream_that_breaks_off_is_continued_where_it_was() {
    let web = Web::start("legacy", &["resumes"]);
    let side = SideBySide::new(&[Fake::web(&web.url())]);
    let mut client = Client::legacy(&side.served, json!({}));
    assert_eq!(text(&client.call("resumes", json!({}))), "resumed");
    assert_eq!(web.seen(|seen| seen.message["params"]["name"] == "resumes").len(), 1, "the call is not repeated");
    side.close();
}

#[test]
fn a_session_that_the_server_has_ended_is_opened_again() {
    let web = Web::start("legacy", &["forgets"]);
    let side = SideBySide::new(&[Fake::web(&web.url())]);
    assert!(matches!(side.event(), Event::FirstUse { .. }));
    let mut client = Client::legacy(&side.served, json!({}));
    assert_eq!(text(&client.call("forgets", json!({}))), "s2");
    assert_eq!(text(&client.call("echo", json!({}))), "Bearer [REDACTED:env:TOKEN]");
    assert_eq!(side.events.try_iter().count(), 0, "no failure is reported");
    side.close();
}

#[test]
fn a_call_that_is_cancelled_is_cancelled_at_the_server() {
    for era in ["legacy", "modern"] {
        let web = Web::start(era, &["hangs"]);
        let side = SideBySide::new(&[Fake::web(&web.url())]);
        let mut client = Client::legacy(&side.served, json!({}));
        client.start("tools/call", "slow", &json!({ "name": "hangs", "arguments": {} }));
        let call = web.wait_for(|seen| seen.message["params"]["name"] == "hangs");
        client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}"#);
        let cancelled = web.wait_for(|seen| seen.message["method"] == "notifications/cancelled");
        assert_eq!(cancelled.message["params"]["requestId"], call.message["id"], "{era}");
        side.served.wait_for(1, "cancelled");
        client.ends_silently();
        side.close();
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again_with_growing_pauses() {
    // A port on which nobody listens, and that no other test is given.
    let side = SideBySide::new(&[Fake::web("http://127.0.0.1:1/mcp")]);
    assert_eq!(side.served.bridge.tools(), Vec::<String>::new());
    let mut pauses = Vec::new();
    while pauses.len() < 2 {
        let Event::Down { reason, pause, .. } = side.event() else { panic!("not down") };
        assert!(reason.starts_with("the MCP server `fake` cannot be reached: "), "{reason}");
        assert!(!reason.contains("correct-horse"), "{reason}");
        pauses.push(pause);
    }
    assert_eq!(pauses, [1, 2].map(Duration::from_secs));
    side.close();
}

#[test]
fn what_a_server_says_arrives_on_the_stream_of_its_call() {
    for era in ["legacy", "modern"] {
        let web = Web::start(era, &["says"]);
        let side = SideBySide::new(&[Fake::web(&web.url())]);
        let mut client = Client::legacy(&side.served, json!({}));
        client.request("logging/setLevel", "level", &json!({ "level": "error" }));
        let meta = json!({ "progressToken": "mine" });
        client.start("tools/call", "1", &json!({ "name": "says", "arguments": {}, "_meta": meta }));
        let progress = client.next();
        let params = json!({ "progressToken": "mine", "progress": 1.5, "message": "[REDACTED:email]" });
        assert_eq!((&progress["method"], &progress["params"]), (&json!("notifications/progress"), &params), "{era}");
        let log = client.next();
        assert_eq!(log["params"], json!({ "level": "error", "data": "[REDACTED:email]" }), "{era}");
        assert_eq!(text(&client.next()["result"]), "said", "{era}");
        side.close();
    }
}

#[test]
fn a_question_of_a_server_is_answered_by_a_message_of_its_own() {
    let web = Web::start("legacy", &["elicits"]);
    let side = SideBySide::new(&[Fake::web(&web.url())]);
    let mut client = Client::legacy(&side.served, json!({ "elicitation": {} }));
    client.start("tools/call", "1", &json!({ "name": "elicits", "arguments": {} }));
    let question = client.next();
    let accept = json!({ "action": "accept", "content": { "a": 1 } });
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": accept }).to_string());
    assert_eq!(text(&client.next()["result"]), r#"{"action":"accept","content":{"a":1}}"#);
    let answer = web.wait_for(|seen| seen.message["id"] == "q");
    assert_eq!(answer.header("mcp-session-id"), "s1");
    side.close();
}
