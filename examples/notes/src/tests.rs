//! The package as it ships: what one call keeps, another one finds, and what fails leaves nothing.

use mpp_testkit::Tool;
use serde_json::json;

fn notes() -> Tool {
    mpp_testkit::tool!().load()
}

#[test]
fn keeps_finds_lists_and_removes() {
    let tool = notes();
    tool.call("add", json!({ "text": "Ada prefers tea" })).assert_json("/id", json!(1));
    tool.call("add", json!({ "text": "Buy milk", "tags": ["kitchen", "today"] })).assert_json("/id", json!(2));
    tool.call("add", json!({ "text": "The kitchen needs tea", "days": 7 })).assert_json("/id", json!(3));
    tool.call("find", json!({ "query": "TEA" })).assert_json("/0/id", json!(1)).assert_json("/1/id", json!(3));
    tool.call("find", json!({ "query": "tea kitchen" })).assert_json("/0/id", json!(3));
    tool.call("find", json!({ "query": "today" })).assert_json("/0/text", json!("Buy milk"));
    tool.call("find", json!({ "query": "coffee" })).assert_result(json!([]));

    let first = tool.call("list", json!({ "limit": 2 }));
    first.assert_json("/notes/1/id", json!(2)).assert_json("/next", json!(2));
    let rest = tool.call("list", json!({ "limit": 2, "after": 2 }));
    rest.assert_json("/notes/0/id", json!(3));
    assert_eq!(rest.json()["notes"].as_array().map(Vec::len), Some(1));
    assert!(rest.json().get("next").is_none());

    tool.call("remove", json!({ "id": 1 })).assert_json("/text", json!("Ada prefers tea"));
    tool.call("remove", json!({ "id": 1 })).assert_error("not_found");
    tool.call("add", json!({ "text": "a number is never used twice" })).assert_json("/id", json!(4));
}

#[test]
fn edits_what_was_last_seen_only() {
    let tool = notes();
    tool.call("add", json!({ "text": "tea" })).success();
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "coffee" })).assert_json("/text", json!("coffee"));
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "water" }))
        .assert_error("changed")
        .assert_message("note 1 says something else by now: coffee");
    tool.call("list", json!({})).assert_json("/notes/0/text", json!("coffee"));
}

#[test]
fn each_tool_under_test_starts_with_nothing() {
    notes().call("add", json!({ "text": "tea" })).assert_json("/id", json!(1));
    notes().call("list", json!({})).assert_result(json!({ "notes": [] }));
}

#[test]
fn a_directory_of_ones_own_outlives_the_tool() {
    let dir = tempfile::tempdir().expect("a directory");
    let notes = || mpp_testkit::tool!().state_dir(dir.path().join("kv")).load();
    notes().call("add", json!({ "text": "tea" })).success();
    notes().call("list", json!({})).assert_json("/notes/0/text", json!("tea"));
}

#[test]
fn a_note_that_does_not_fit_uses_up_no_number() {
    let tool = notes();
    let text = "x".repeat(9_900);
    let mut kept = 0;
    let full = loop {
        let answer = tool.call("add", json!({ "text": text }));
        match answer.report().touched.kv && answer.is_success() {
            true => kept += 1,
            false => break answer,
        }
    };
    full.assert_error("kv_full");
    assert!(kept > 100, "{kept}");
    tool.call("add", json!({ "text": "small" })).assert_json("/id", json!(kept + 1));
}
