//! State: prepared entries, snapshots, and their differences.

use std::time::Duration;

use serde_json::json;

use crate::support::{crm, failure, notes, scribe};

#[test]
fn a_tool_finds_the_entries_of_the_test() {
    let tool = notes()
        .kv("last_id", "7")
        .kv("note/0000000007", json!({ "id": 7, "text": "tea" }))
        .kv_with_ttl("note/0000000008", json!({ "id": 8, "text": "milk" }), Duration::from_secs(3600))
        .load();
    tool.call("list", json!({})).assert_at("/notes/0/text", "tea").assert_at("/notes/1/text", "milk");
    tool.call("add", json!({ "text": "sugar" })).assert_at("/id", 8);
    tool.assert_kv("last_id", 8).assert_kv("note/0000000008", json!({ "id": 8, "text": "sugar" }));
    assert_eq!(tool.kv().get("note/0000000008").unwrap().expires, None, "the new entry has no expiry");
}

#[test]
fn snapshots_are_compared() {
    let tool = notes().kv("note/0000000001", json!({ "id": 1, "text": "tea" })).kv("last_id", "1").load();
    let before = tool.kv();
    assert_eq!(before.keys(), ["last_id", "note/0000000001"]);
    assert_eq!(before.to_string(), "last_id = 1\nnote/0000000001 = {\"id\":1,\"text\":\"tea\"}");
    assert_eq!(before.bytes(), 7 + 1 + 15 + 21);
    tool.call("add", json!({ "text": "milk" })).success();
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "coffee" })).success();
    let after = tool.kv();
    assert_eq!(
        before.diff(&after).to_string(),
        "~ last_id = 1 → 2\n~ note/0000000001 = {\"id\":1,\"text\":\"tea\"} → {\"id\":1,\"text\":\"coffee\"}\n+ \
         note/0000000002 = {\"id\":2,\"text\":\"milk\"}"
    );
    tool.call("remove", json!({ "id": 1 })).success();
    assert_eq!(after.diff(&tool.kv()).to_string(), "- note/0000000001 = {\"id\":1,\"text\":\"coffee\"}");
    let diff = before.diff(&after);
    diff.assert_changes(diff.to_string().lines());
    let message = failure(|| {
        diff.assert_changes(["~ last_id = 1 → 2", r#"+ note/0000000002 = {"id":2,"text":"mlik"}"#]).is_empty()
    });
    assert_eq!(
        message,
        "the state did not change as expected\n\nexpected, but not found:\n  | + note/0000000002 = \
         {\"id\":2,\"text\":\"mlik\"}\n\nfound, but not expected:\n  | ~ note/0000000001 = \
         {\"id\":1,\"text\":\"tea\"} → {\"id\":1,\"text\":\"coffee\"}\n  | + note/0000000002 = \
         {\"id\":2,\"text\":\"milk\"}"
    );
    let message = failure(|| diff.assert_empty().is_empty());
    assert!(message.starts_with("the state changed; expected no changes\n\nfound, but not expected:\n  | ~ last_id"));
    let now = tool.kv();
    tool.call("remove", json!({ "id": 1 })).assert_error("not_found");
    assert!(now.diff(&tool.kv()).is_empty());
    assert_eq!(now.diff(&tool.kv()).to_string(), "(no changes)");
}

#[test]
fn expiry_and_binary_values_are_shown() {
    let tool = scribe().kv_with_ttl("soon", "x", Duration::from_secs(3600)).kv([0xff, 0x00], vec![0x01, 0xfe]).load();
    let state = tool.kv();
    let left = state.get("soon").unwrap().time_left(state.taken_at()).unwrap();
    assert!(left > Duration::from_secs(3500) && left <= Duration::from_secs(3600), "{left:?}");
    let lines: Vec<String> = state.to_string().lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("soon = x (expires 2"), "{lines:?}");
    assert_eq!(lines[1], "\\xff\\x00 = 0x01fe");
    assert_eq!(state.get([0xff, 0x00]).unwrap().value.json(), json!({ "hex": "01fe" }));
}

#[test]
fn failed_assertions_show_the_state() {
    let tool = notes().kv("last_id", "1").load();
    let message = failure(|| tool.assert_kv("lost_id", 1));
    assert_eq!(message, "the state has no key `lost_id`\n\nthe state:\n  | last_id = 1");
    let message = failure(|| tool.assert_kv("last_id", 2));
    assert_eq!(message, "the value of `last_id` in the state is not as expected\nexpected: 2\n   found: 1");
}

#[test]
fn entries_for_a_tool_without_state_are_refused() {
    let message = failure(|| crm().kv("a", "b").load());
    assert!(
        message.starts_with(
            "the test adds entries to the state of `crm-lookup`, but its manifest does not declare `kv`\n"
        ),
        "{message}"
    );
    let message = failure(|| crm().load().kv());
    assert!(message.starts_with("`crm-lookup` has no state: its manifest does not declare `kv`\n"), "{message}");
    let message = failure(|| scribe().kv("a", "b".repeat(1000)).load());
    assert_eq!(
        message,
        "cannot add the entries of the test to the state of `scribe`: the value has 1000 bytes; together with its key, it exceeds the \
         1000 that `kv.max_bytes` allows"
    );
}
