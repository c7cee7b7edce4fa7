//! Tests of the finished package, which is called as an agent would call it, and of some functions.

use std::collections::BTreeMap;

use mpp_testkit::Tool;
use serde_json::json;

use super::*;

fn text_tools() -> Tool {
    mpp_testkit::tool!().load()
}

#[test]
fn publishes_five_tools_sorted_by_name() {
    let names: Vec<_> = text_tools().definitions().iter().map(|tool| tool.name.to_string()).collect();
    assert_eq!(names, ["diff", "extract_links", "rewrite", "slugify", "word_count"]);
}

// ANCHOR: definitions
#[test]
fn the_definitions_have_not_changed() {
    text_tools().assert_definitions("definitions.json");
}
// ANCHOR_END: definitions

#[test]
fn counts_words_with_defaults_and_without() {
    let tool = text_tools();
    tool.call("word_count", json!({ "text": "one two two" }))
        .assert_at("/words", json!(3))
        .assert_at("/frequent", json!({ "one": 1, "two": 2 }));
    tool.call("word_count", json!({ "text": "one two two", "top": 1, "ignore": ["two"] }))
        .assert_at("/frequent", json!({ "one": 1 }));
}

#[test]
fn text_results_are_text() {
    let tool = text_tools();
    tool.call("slugify", json!({ "text": "Crème brûlée" })).assert_text("creme-brulee");
    tool.call("slugify", json!({ "text": "A b", "separator": "underscore" })).assert_text("a_b");
    tool.call("slugify", json!({ "text": "?!" })).assert_error("nothing_left");
}

#[test]
fn an_enum_with_data_is_an_argument() {
    let tool = text_tools();
    let steps =
        json!([{ "do": "trim" }, { "do": "case", "to": "upper" }, { "do": "replace", "find": "A", "with": "4" }]);
    tool.call("rewrite", json!({ "text": "  banana ", "steps": steps })).assert_text("B4N4N4");
    tool.call("rewrite", json!({ "text": "x", "steps": [{ "do": "shout" }] })).assert_error("invalid_arguments");
    tool.call("rewrite", json!({ "text": "x", "steps": [] })).assert_error("invalid_arguments");
    tool.call("rewrite", json!({ "text": "x", "steps": [{ "do": "wrap", "width": 3, "hight": 4 }] }))
        .assert_error("invalid_arguments");
}

#[test]
fn an_enum_with_data_is_a_result() {
    text_tools().call("diff", json!({ "before": "a\nb", "after": "a\nc", "context": 1 })).assert_json(json!([
        { "change": "same", "lines": ["a"] },
        { "change": "removed", "at": 2, "lines": ["b"] },
        { "change": "added", "at": 2, "lines": ["c"] },
    ]));
}

#[test]
fn finds_links_and_redacts_what_is_personal() {
    let text = "write to [Ada](mailto:ada@post.example) or see https://docs.example/x.";
    let answer = text_tools().call("extract_links", json!({ "text": text }));
    answer
        .assert_redacted("/0/url", "email")
        .assert_at("/1", json!({ "kind": "bare", "url": "https://docs.example/x" }))
        .assert_not_redacted("/1/url");
    let below = text_tools().call("extract_links", json!({ "text": text, "host": "docs.example" }));
    assert_eq!(below.json().as_array().map(Vec::len), Some(1));
}

#[test]
fn ranges_are_enforced_before_the_tool_runs() {
    let tool = text_tools();
    for arguments in [json!({ "text": "x", "top": 101 }), json!({ "text": "x", "top": -1 }), json!({ "txt": "x" })] {
        tool.call("word_count", arguments).assert_error("invalid_arguments");
    }
}

#[test]
fn counts() {
    let size = word_count("The cat's cat.\nThe well-known dog, the end", 2, vec!["DOG".to_owned()]);
    assert_eq!((size.characters, size.words, size.lines), (42, 8, 2));
    assert_eq!(size.frequent, BTreeMap::from([("the".to_owned(), 3), ("cat".to_owned(), 1)]));
    assert_eq!(word_count("", 5, Vec::new()).words, 0);
}

#[test]
fn makes_slugs() {
    let slug = |text, max| slugify(text, Separator::Dash, max).expect("a slug");
    assert_eq!(slug("Crème brûlée, step by step!", None), "creme-brulee-step-by-step");
    assert_eq!(slug("Crème brûlée, step by step!", Some(15)), "creme-brulee");
    assert_eq!(slug("supercalifragilistic", Some(8)), "supercal");
    assert_eq!(slugify("a B", Separator::Underscore, None).expect("a slug"), "a_b");
    assert!(slugify("?!", Separator::Dash, None).is_err());
}

#[test]
fn refuses_to_compare_long_texts() {
    let long = "x\n".repeat(compare::MAX_LINES + 1);
    let error = diff("", &long, 3).expect_err("too long");
    assert_eq!(error.to_string(), "`after` has 2001 lines, expected at most 2000; compare smaller parts");
}
