//! Tests of the finished package: state is kept after a call, except after a failed one.

use std::time::Duration;

use mpp_testkit::{Clock, Tool};
use serde_json::json;

fn notes() -> Tool {
    mpp_testkit::tool!().load()
}

#[test]
fn stores_finds_lists_and_removes() {
    let tool = notes();
    tool.call("add", json!({ "text": "Ada prefers tea" })).assert_at("/id", json!(1));
    tool.call("add", json!({ "text": "Buy milk", "tags": ["kitchen", "today"] })).assert_at("/id", json!(2));
    tool.call("add", json!({ "text": "The kitchen needs tea", "days": 7 })).assert_at("/id", json!(3));
    tool.call("find", json!({ "query": "TEA" })).assert_at("/0/id", json!(1)).assert_at("/1/id", json!(3));
    tool.call("find", json!({ "query": "tea kitchen" })).assert_at("/0/id", json!(3));
    tool.call("find", json!({ "query": "today" })).assert_at("/0/text", json!("Buy milk"));
    tool.call("find", json!({ "query": "coffee" })).assert_json(json!([]));

    let first = tool.call("list", json!({ "limit": 2 }));
    first.assert_at("/notes/1/id", json!(2)).assert_at("/next", json!(2));
    let rest = tool.call("list", json!({ "limit": 2, "after": 2 }));
    rest.assert_at("/notes/0/id", json!(3));
    assert_eq!(rest.json()["notes"].as_array().map(Vec::len), Some(1));
    assert!(rest.json().get("next").is_none());

    tool.call("remove", json!({ "id": 1 })).assert_at("/text", json!("Ada prefers tea"));
    tool.call("remove", json!({ "id": 1 })).assert_error("not_found");
    tool.call("add", json!({ "text": "a number is never used twice" })).assert_at("/id", json!(4));
}

#[test]
fn edits_only_an_unchanged_note() {
    let tool = notes();
    tool.call("add", json!({ "text": "tea" })).success();
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "coffee" })).assert_at("/text", json!("coffee"));
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "water" }))
        .assert_error("changed")
        .assert_message("note 1 has changed in the meantime: coffee");
    tool.call("list", json!({})).assert_at("/notes/0/text", json!("coffee"));
}

// ANCHOR: state
#[test]
fn calls_write_only_their_own_keys() {
    let tool = mpp_testkit::tool!().kv("last_id", "7").kv("note/0000000007", json!({ "id": 7, "text": "tea" })).load();
    let before = tool.kv();
    tool.call("add", json!({ "text": "milk" })).assert_at("/id", 8);
    tool.call("edit", json!({ "id": 7, "old": "tea", "new": "coffee" })).assert_success();
    before.diff(&tool.kv()).assert_changes([
        "~ last_id = 7 → 8",
        r#"~ note/0000000007 = {"id":7,"text":"tea"} → {"id":7,"text":"coffee"}"#,
        r#"+ note/0000000008 = {"id":8,"text":"milk"}"#,
    ]);
    let now = tool.kv();
    tool.call("remove", json!({ "id": 9 })).assert_error("not_found");
    now.diff(&tool.kv()).assert_empty();
}
// ANCHOR_END: state

#[test]
fn a_note_expires_after_its_days() {
    let clock = Clock::frozen("2026-01-01T00:00:00Z");
    let tool = mpp_testkit::tool!().clock(clock.clone()).load();
    tool.call("add", json!({ "text": "the plumber comes", "days": 2 })).assert_success();
    assert_eq!(
        tool.kv().to_string(),
        "last_id = 1\nnote/0000000001 = {\"id\":1,\"text\":\"the plumber comes\"} (expires 2026-01-03T00:00:00Z)"
    );
    clock.advance(Duration::from_secs(2 * 86_400));
    tool.call("list", json!({})).assert_json(json!({ "notes": [] }));
    tool.call("add", json!({ "text": "a number is never used twice" })).assert_at("/id", 2);
}

// ANCHOR: every
#[test]
fn every_fault_has_a_clean_error_and_changes_nothing() {
    let tool = mpp_testkit::tool!().kv("last_id", "1").kv("note/0000000001", json!({ "id": 1, "text": "tea" })).load();
    let before = tool.kv();
    let report = tool.under_every_fault("add", json!({ "text": "milk" }));
    report.assert_clean();
    assert_eq!(report.result("kv_full").outcome.to_string(), "kv_full");
    assert_eq!(report.result("kv_busy").outcome.to_string(), "state_conflict, from the host");
    tool.under_every_fault("edit", json!({ "id": 1, "old": "tea", "new": "coffee" })).assert_clean();
    tool.under_every_fault("remove", json!({ "id": 1 })).assert_clean();
    // Each fault ran on a copy of the state.
    before.diff(&tool.kv()).assert_empty();
}
// ANCHOR_END: every

#[test]
fn each_loaded_tool_starts_with_empty_state() {
    notes().call("add", json!({ "text": "tea" })).assert_at("/id", json!(1));
    notes().call("list", json!({})).assert_json(json!({ "notes": [] }));
}

#[test]
fn state_in_a_directory_outlives_the_tool() {
    let dir = tempfile::tempdir().expect("a directory");
    let notes = || mpp_testkit::tool!().state_dir(dir.path().join("kv")).load();
    notes().call("add", json!({ "text": "tea" })).success();
    notes().call("list", json!({})).assert_at("/notes/0/text", json!("tea"));
}

#[test]
fn a_note_that_does_not_fit_does_not_use_up_a_number() {
    let tool = notes();
    let text = "x".repeat(9_900);
    let mut kept = 0;
    let full = loop {
        let answer = tool.call("add", json!({ "text": text }));
        match answer.report().accesses.kv && answer.is_success() {
            true => kept += 1,
            false => break answer,
        }
    };
    full.assert_error("kv_full");
    assert!(kept > 100, "{kept}");
    tool.call("add", json!({ "text": "small" })).assert_at("/id", json!(kept + 1));
}
