//! Servers that do not do what the protocol says. Each fault is reported once, and other calls go on.

use mpp_mcp::legacy::Event;
use serde_json::{Value, json};

use super::{Fake, SideBySide, text};
use crate::client::Client;

fn kind(result: &Value) -> &str {
    result["_meta"]["mpp/error"]["kind"].as_str().unwrap_or_default()
}

#[test]
fn bad_messages_fail_one_call_and_are_reported_once() {
    let side = SideBySide::new(&[Fake::new("legacy", "json,utf8,deep,long,twice,stderr,stdout,refuses")]);
    assert!(matches!(side.event(), Event::FirstUse { .. }));
    let mut client = Client::legacy(&side.served, json!({}));
    let mut reported = Vec::new();
    for (tool, expected) in [
        ("json", "invalid_response"),
        ("utf8", "invalid_response"),
        ("deep", "invalid_response"),
        ("long", "output_limit"),
        ("json", "invalid_response"),
        ("refuses", "tool_error"),
    ] {
        let result = client.call(tool, json!({}));
        assert_eq!(kind(&result), expected, "{tool}: {result}");
        assert_eq!(client.call("echo", json!({}))["isError"], false, "after {tool}");
    }
    for (tool, expected) in [("twice", "twice"), ("stderr", "quiet now"), ("stdout", "quiet now")] {
        let result = client.call(tool, json!({}));
        assert_eq!(text(&result), expected, "{result}");
    }
    assert_eq!(client.call("echo", json!({}))["isError"], false);
    for event in side.events.try_iter() {
        let Event::Fault { what, .. } = event else { panic!("{event:?}") };
        reported.push(what);
    }
    assert_eq!(
        reported,
        [
            "wrote a line to stdout that is not JSON",
            "wrote a line to stdout that is not UTF-8",
            "sent an answer that is nested more than 128 levels deep",
            "wrote a message that is longer than 16 MiB",
            "answered a request that was not made, or answered it twice",
        ]
    );
    side.close();
}

#[test]
fn answers_out_of_order_reach_their_calls() {
    let side = SideBySide::new(&[Fake::new("legacy", "hold,release")]);
    let mut client = Client::legacy(&side.served, json!({}));
    client.start("tools/call", "a", &json!({ "name": "hold", "arguments": {} }));
    // Calls run on several threads, so the server may see the second one first; then the first is answered by the next round.
    loop {
        client.start("tools/call", "b", &json!({ "name": "release", "arguments": {} }));
        let answer = client.next();
        if answer["id"] == "a" {
            assert_eq!(text(&answer["result"]), "second", "{answer}");
            assert_eq!(text(&client.next()["result"]), "first");
            break;
        }
        assert_eq!(text(&answer["result"]), "first", "{answer}");
        client.start("tools/call", "c", &json!({ "name": "echo", "arguments": {} }));
        let answer = client.next();
        if answer["id"] == "a" {
            assert_eq!(text(&answer["result"]), "second", "{answer}");
            break;
        }
    }
    side.close();
}

#[test]
fn a_server_cannot_take_up_threads_or_memory_with_what_it_says() {
    let side = SideBySide::new(&[Fake::new("legacy", "relists,lists,pings,pongs")]);
    let mut client = Client::legacy(&side.served, json!({}));
    let number = |client: &mut Client, tool: &str| text(&client.call(tool, json!({}))).parse::<usize>().unwrap();
    assert_eq!(text(&client.call("relists", json!({}))), "relisted");
    let lists = number(&mut client, "lists");
    assert!(lists < 2000, "{lists} lists because of 20000 notifications");
    assert_eq!(text(&client.call("pings", json!({}))), "asked");
    let pongs = number(&mut client, "pongs");
    assert!((1..50_000).contains(&pongs), "{pongs} answers to a server that did not read");
    // What is wrong with a definition is said once, however often it is listed.
    let bad = side.events.try_iter().filter(|event| matches!(event, Event::BadDefinition { .. })).count();
    assert_eq!(bad, 1);
    side.close();
}

#[test]
fn a_server_that_takes_long_to_start_does_not_keep_the_others_waiting() {
    let gate = tempfile::tempdir().unwrap();
    let go = gate.path().join("go");
    let slow = Fake::new("legacy", "data").named("slow").settings("tools = { allow = [\"data\"] }");
    let fakes = [slow.env("FAKE_WAIT", go.to_str().unwrap()), Fake::new("legacy", "")];
    let side = SideBySide::started(&fakes, std::time::Duration::from_millis(500));
    let mut client = Client::legacy(&side.served, json!({}));
    // On a busy machine, the other one may take long, too.
    while side.served.bridge.tools() != ["echo"] {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::fs::write(&go, "").unwrap();
    loop {
        let message = client.next();
        assert_eq!(message["method"], "notifications/tools/list_changed", "{message}");
        if side.served.bridge.tools().contains(&"data".to_owned()) {
            break;
        }
    }
    assert_eq!(client.call("data", json!({}))["isError"], false);
    assert!(side.events.try_iter().any(|event| matches!(event, Event::Slow { server, .. } if server == "slow")));
    side.close();
}

#[test]
fn a_server_that_dies_is_reported_and_started_again() {
    // The server leaves this file behind, and does not start while it is there.
    let lock = tempfile::tempdir().unwrap().keep().join("lock");
    let side = SideBySide::new(&[Fake::new("legacy", "dies").env("FAKE_LOCK", lock.to_str().unwrap())]);
    assert!(matches!(side.event(), Event::FirstUse { .. }));
    let mut client = Client::legacy(&side.served, json!({}));
    let result = client.call("dies", json!({}));
    assert_eq!(kind(&result), "tool_crashed", "{result}");
    let words = text(&result);
    assert!(words.contains("ended with exit status: 3 before it answered; the call may have had an effect"), "{words}");
    assert!(words.contains("out of luck, says [REDACTED:email]"), "{words}");
    assert!(!words.contains("The same call may succeed later"), "{words}");
    let Event::Down { reason, pause, .. } = side.event() else { panic!("the end was not reported") };
    assert!(reason.starts_with("the MCP server `fake` ended with exit status: 3"), "{reason}");
    assert_eq!(pause.as_secs(), 1);
    // Until it is started again, its tools are unavailable, and say so.
    let result = client.call("echo", json!({}));
    assert_eq!(result["isError"], true, "{result}");
    assert!(text(&result).contains("the tools of the MCP server `fake` are unavailable: "), "{result}");
    assert!(text(&result).contains("nothing was run\nThe same call may succeed later."), "{result}");
    assert_eq!(result["_meta"]["mpp/error"]["mpp_code"], "MPP-M106", "{result}");
    std::fs::remove_dir_all(lock.parent().unwrap()).unwrap();
    while client.call("echo", json!({}))["isError"] == true {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    side.close();
}

#[test]
fn a_call_that_is_not_answered_ends_in_time_or_when_it_is_cancelled() {
    let side = SideBySide::new(&[Fake::new("legacy", "hangs").settings("timeout_ms = 300")]);
    let mut client = Client::legacy(&side.served, json!({}));
    let result = client.call("hangs", json!({}));
    assert_eq!(kind(&result), "timeout", "{result}");
    // The server goes on. On a busy machine, it may take longer than that for a call, too.
    loop {
        let result = client.call("echo", json!({}));
        if result["isError"] == false {
            break;
        }
        assert_eq!(kind(&result), "timeout", "{result}");
    }
    side.close();

    let side = SideBySide::new(&[Fake::new("legacy", "hangs")]);
    for (cancelled, meta) in [json!({}), json!({ "progressToken": "through the protocol library" })].iter().enumerate()
    {
        let mut client = Client::legacy(&side.served, json!({}));
        client.start("tools/call", "slow", &json!({ "name": "hangs", "arguments": {}, "_meta": meta }));
        assert_eq!(client.call("echo", json!({}))["isError"], false);
        client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}"#);
        side.served.wait_for(cancelled + 1, "cancelled");
        client.ends_silently();
    }
    side.close();
}

#[test]
fn one_server_that_cannot_start_does_not_affect_the_others() {
    let fakes = [Fake::new("never", "").named("broken").settings("cwd = \"/does/not/exist\""), Fake::new("legacy", "")];
    let side = SideBySide::new(&fakes);
    assert_eq!(side.served.bridge.tools(), ["echo"]);
    let mut client = Client::legacy(&side.served, json!({}));
    assert_eq!(client.call("echo", json!({}))["isError"], false);
    let down = side.events.try_iter().find_map(|event| match event {
        Event::Down { server, reason, .. } => Some((server, reason)),
        _ => None,
    });
    let (server, reason) = down.unwrap();
    assert_eq!(server, "broken");
    assert!(reason.starts_with("the MCP server `broken` cannot be started: `sh`: "), "{reason}");
    side.close();
}

#[test]
fn a_server_that_ignores_the_end_of_its_input_is_ended() {
    let side = SideBySide::new(&[Fake::new("legacy", "").env("FAKE_STAYS", "1")]);
    assert_eq!(side.served.bridge.tools(), ["echo"]);
    // Returns only if the process has ended.
    side.close();
}
