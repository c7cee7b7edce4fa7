//! What a server answers to input that is wrong: each fault once, with its code, while other calls go on.

use serde_json::{Value, json};

use crate::client::Client;
use crate::support::{Sample, Served};

const OK: &str = r#"{"content":[{"type":"text","text":"fine"}],"isError":false}"#;

#[test]
fn every_malformed_line_is_answered_once_and_the_session_goes_on() {
    let served = Served::new(vec![Sample::answering("ok", OK)]);
    let mut client = Client::legacy(&served, json!({}));
    let brackets = "[".repeat(100_000);
    let long = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "x".repeat(50 * 1024 * 1024));
    for (line, code) in [
        (&b"\xff\xfe"[..], -32700),
        (b"{\"jsonrpc\":", -32700),
        (brackets.as_bytes(), -32700),
        (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","arguments":[]}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","_meta":7}}"#, -32602),
        (br#"{"jsonrpc":"2.0","id":1,"method":"resources/fly","params":{}}"#, -32601),
        (b"7", -32600),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}"#, -32602),
        (long.as_bytes(), -32600),
    ] {
        let shown = String::from_utf8_lossy(&line[..line.len().min(90)]);
        client.send_bytes(line);
        let answer = client.next();
        assert_eq!(answer["error"]["code"], code, "{shown}: {answer}");
        assert_eq!(client.call("say", json!({}))["isError"], false, "after {shown}");
    }
    // Nothing is answered to empty lines, stray responses and unknown notifications.
    client.send("");
    client.send(r#"{"jsonrpc":"2.0","id":99,"result":{}}"#);
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/unknown"}"#);
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"none"}}"#);
    assert_eq!(client.call("say", json!({}))["isError"], false);
    client.close();
}

#[test]
fn messages_before_the_handshake_do_not_end_the_server() {
    let served = Served::new(vec![Sample::answering("ok", OK)]);
    let mut client = Client::connect(&served);
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    client.send(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    let early = client.request("tools/call", "1", &json!({ "name": "say", "arguments": {} }));
    assert_eq!(early["error"]["code"], -32602, "{early}");
    assert!(early["error"]["message"].as_str().unwrap().contains("begin with `initialize`"), "{early}");
    for params in [json!({}), json!({ "protocolVersion": 7, "capabilities": {}, "clientInfo": {} })] {
        let refused = client.request("initialize", "1", &params);
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("not those of `initialize`"), "{refused}");
    }
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#);
    assert_eq!(client.request("ping", "2", &json!({}))["result"], json!({}));
    let info = json!({ "name": "client", "version": "1" });
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info });
    let answer = client.request("initialize", "3", &params);
    assert_eq!(answer["result"]["protocolVersion"], "2025-06-18", "{answer}");
    assert_eq!(client.call("say", json!({}))["isError"], false);
}

#[test]
fn a_request_with_an_id_that_is_in_use_is_refused() {
    let served = Served::new(vec![
        Sample::looping("loop").tools(json!([crate::support::tool("run", "low")])),
        Sample::answering("ok", OK).tools(json!([crate::support::tool("say", "low")])),
    ]);
    let mut client = Client::legacy(&served, json!({}));
    client.start("tools/call", "1", &json!({ "name": "run", "arguments": {} }));
    // The first request may be read by another thread; its id is known when a call of another tool was answered.
    let refused: Value = loop {
        let answer = client.request("tools/call", "1", &json!({ "name": "say", "arguments": {} }));
        if answer["error"].is_object() {
            break answer;
        }
    };
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    assert_eq!(client.request("tools/call", "2", &json!({ "name": "say", "arguments": {} }))["id"], "2");
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}"#);
    client.ends_silently();
}

#[test]
fn a_client_that_disappears_ends_the_server() {
    let served = Served::new(vec![Sample::looping("loop").tools(json!([crate::support::tool("run", "low")]))]);
    let mut client = Client::legacy(&served, json!({}));
    client.start("tools/call", "1", &json!({ "name": "run", "arguments": {} }));
    let (answers, server) = client.half_close();
    drop(answers);
    server.join().unwrap();
}
