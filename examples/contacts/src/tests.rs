//! Tests of the finished package: built, signed, verified, and run on the sample in the sandbox behind the privacy
//! filter.

use mpp_testkit::Tool;
use serde_json::json;

fn contacts() -> Tool {
    mpp_testkit::tool!().load()
}

#[test]
fn finds_ada_and_redacts_how_to_reach_her() {
    let answer = contacts().call("find", json!({ "query": "ada" }));
    answer
        .assert_at("/0/name", json!("Ada Lovelace"))
        .assert_at("/0/company", json!("Analytical Engines"))
        .assert_redacted("/0/reach/0/address", "email")
        .assert_redacted("/0/reach/1/address", "email")
        .assert_redacted("/0/reach/2/number", "phone")
        .assert_redacted("/0/notes", "credit_card")
        .assert_redacted("/0/notes", "customer_id");
    // A number with a wrong check digit is not a card number, and a date is not a telephone number.
    let notes = answer.pointer("/0/notes");
    let notes = notes.as_str().expect("text");
    assert!(notes.contains("4111 1111 1111 1112") && notes.contains("2024-11-05"), "{notes}");
    answer.assert_not_redacted("/0/address");
}

#[test]
fn finds_by_words_and_by_field() {
    let tool = contacts();
    tool.call("find", json!({ "query": "ORBIT johnson" })).assert_at("/0/name", json!("Katherine Johnson"));
    tool.call("find", json!({ "query": "ada", "field": "company" })).assert_error("not_found");
    let all = tool.call("find", json!({ "query": "e", "limit": 2 }));
    assert_eq!(all.json().as_array().map(Vec::len), Some(2));
}

#[test]
fn suggests_another_search_when_nobody_matches() {
    contacts()
        .call("find", json!({ "query": "nobody of this name" }))
        .assert_error("not_found")
        .assert_message("nobody matches `nobody of this name`; try a part of the name, or `list`");
}

#[test]
fn lists_contacts_page_by_page() {
    let tool = contacts();
    let first = tool.call("list", json!({ "limit": 5 }));
    first.assert_at("/total", json!(8)).assert_at("/next_offset", json!(5));
    let rest = tool.call("list", json!({ "limit": 5, "offset": 5, "order": "name" }));
    rest.assert_at("/people/2/name", json!("Turing, Alan"));
    assert!(rest.json().get("next_offset").is_none());
    let by_company = tool.call("list", json!({ "order": "company", "limit": 1 }));
    by_company.assert_at("/people/0/company", json!("Analytical Engines"));
}

#[test]
fn counts_by_company_and_file() {
    let tool = contacts();
    tool.call("count", json!({})).assert_at("/Orbit Ltd", json!(2));
    tool.call("count", json!({ "by": "file" })).assert_json(json!({ "customers.csv": 4, "team.vcf": 4 }));
}

#[test]
fn a_skipped_row_is_in_the_log() {
    contacts().call("count", json!({})).assert_log("customers.csv, line 7: skipped: expected 7 fields, found 2");
}

#[test]
fn rejects_invalid_arguments() {
    let tool = contacts();
    tool.call("find", json!({})).assert_error("invalid_arguments");
    tool.call("find", json!({ "query": "" })).assert_error("invalid_arguments");
    tool.call("find", json!({ "query": "a", "limit": 0 })).assert_error("invalid_arguments");
    tool.call("find", json!({ "qeury": "a" })).assert_error("invalid_arguments");
    tool.call("fnid", json!({ "query": "a" })).assert_error("unknown_tool");
}

#[test]
fn each_directory_is_a_separate_address_book() {
    let dir = tempfile::tempdir().expect("a directory");
    let empty = mpp_testkit::tool!().dir("/contacts", dir.path()).load();
    empty.call("list", json!({})).assert_error("no_address_book");
    std::fs::write(dir.path().join("one.csv"), "name,phone\nEve,(212) 555-0100\n").expect("written");
    let found = empty.call("find", json!({ "query": "eve" }));
    found.assert_at("/0/reach/0/number", json!("[REDACTED:phone]"));
}
