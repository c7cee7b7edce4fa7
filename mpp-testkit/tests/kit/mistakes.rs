//! Typical mistakes, and the one message that each gives.

use serde_json::json;

use crate::support::{failure, mistake};

/// All of these are in what is said.
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn show() {
    for name in ["uncompilable", "toolless", "library", "nowhere"] {
        eprintln!("=== {name}\n{}\n", failure(|| mistake(name).load()));
    }
    let tool = mistake("misbehaving").load();
    let find = tool.call("find", json!({ "query": "Ada" }));
    eprintln!("=== wrong field\n{}\n", failure(|| find.assert_json("/nmae", "Ada")));
    for (name, arguments) in [
        ("tenth", json!({ "of": [1] })),
        ("spin", json!({ "forever": true })),
        ("chat", json!({ "text": "x" })),
        ("lie", json!({})),
        ("fetch", json!({})),
    ] {
        let answer = tool.call(name, arguments);
        eprintln!("=== {name}\n{}\n", failure(|| answer.assert_success()));
    }
    let lookup = tool.call("lookup", json!({ "address": "ada@post.example" }));
    eprintln!("=== pii\n{}\n", failure(|| lookup.assert_message("nobody has the address ada@post.example")));
    eprintln!("=== pii\n{}\n", failure(|| lookup.assert_not_redacted("")));
    says("", &[]);
}
