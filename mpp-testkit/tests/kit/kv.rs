//! State: filled before the first call, looked at, compared.

use std::time::Duration;

use serde_json::json;

use crate::support::{crm, failure, notes, scribe};

#[test]
fn a_tool_finds_what_the_test_has_put_into_its_state() {
    let tool = notes()
        .kv("last_id", "7")
        .kv("note/0000000007", json!({ "id": 7, "text": "tea" }))
        .kv_for("note/0000000008", json!({ "id": 8, "text": "milk" }), Duration::from_secs(3600))
        .load();
    tool.call("list", json!({})).assert_at("/notes/0/text", "tea").assert_at("/notes/1/text", "milk");
    tool.call("add", json!({ "text": "sugar" })).assert_at("/id", 8);
    tool.assert_kv("last_id", 8).assert_kv("note/0000000008", json!({ "id": 8, "text": "sugar" }));
    assert_eq!(tool.kv().get("note/0000000008").unwrap().expires, None, "written anew, for ever");
}

#[test]
fn two_snapshots_show_what_is_another() {
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
        "the state changed in another way than expected\n\nexpected, and not found:\n  | + note/0000000002 = \
         {\"id\":2,\"text\":\"mlik\"}\n\nfound, and not expected:\n  | ~ note/0000000001 = \
         {\"id\":1,\"text\":\"tea\"} → {\"id\":1,\"text\":\"coffee\"}\n  | + note/0000000002 = \
         {\"id\":2,\"text\":\"milk\"}"
    );
    let message = failure(|| diff.assert_empty().is_empty());
    assert!(message.starts_with("the state changed, and should not have\n\nfound, and not expected:\n  | ~ last_id"));
    let now = tool.kv();
    tool.call("remove", json!({ "id": 1 })).assert_error("not_found");
    assert!(now.diff(&tool.kv()).is_empty());
    assert_eq!(now.diff(&tool.kv()).to_string(), "(no difference)");
}

#[test]
fn an_entry_that_expires_says_when_and_bytes_are_shown_as_such() {
    let tool = scribe().kv_for("soon", "x", Duration::from_secs(3600)).kv([0xff, 0x00], vec![0x01, 0xfe]).load();
    let state = tool.kv();
    let left = state.get("soon").unwrap().time_left(state.taken_at()).unwrap();
    assert!(left > Duration::from_secs(3500) && left <= Duration::from_secs(3600), "{left:?}");
    let lines: Vec<String> = state.to_string().lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("soon = x (until 2"), "{lines:?}");
    assert_eq!(lines[1], "\\xff\\x00 = 0x01fe");
    assert_eq!(state.get([0xff, 0x00]).unwrap().value.json(), json!({ "hex": "01fe" }));
}

#[test]
fn what_is_not_in_the_state_fails_with_what_is() {
    let tool = notes().kv("last_id", "1").load();
    let message = failure(|| tool.assert_kv("lost_id", 1));
    assert_eq!(message, "there is no key `lost_id` in the state\n\nthe state:\n  | last_id = 1");
    let message = failure(|| tool.assert_kv("last_id", 2));
    assert_eq!(message, "the value of `last_id` in the state is another than expected\nexpected: 2\n   found: 1");
}

#[test]
fn a_state_that_cannot_be_is_refused() {
    let message = failure(|| crm().kv("a", "b").load());
    assert!(
        message.starts_with("the test gives the tool `crm-lookup` a state, and its manifest declares none"),
        "{message}"
    );
    let message = failure(|| crm().load().kv());
    assert_eq!(message, "the manifest of `crm-lookup` declares no `kv`: the tool has no state");
    let message = failure(|| scribe().kv("a", "b".repeat(1000)).load());
    assert_eq!(
        message,
        "the state of the tool `scribe` cannot be filled: the value has 1000 bytes; with its key it is more than all of the \
         1000 that `kv.max_bytes` allows"
    );
}
