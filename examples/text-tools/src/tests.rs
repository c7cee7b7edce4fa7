//! The package as it ships, called as an agent calls it.

use mpp_testkit::Tool;
use serde_json::json;

fn text_tools() -> Tool {
    mpp_testkit::tool!().load()
}

#[test]
fn publishes_five_tools_sorted_by_name() {
    let names: Vec<_> = text_tools().definitions().iter().map(|tool| tool.name.to_string()).collect();
    assert_eq!(names, ["diff", "extract_links", "rewrite", "slugify", "word_count"]);
}

#[test]
fn counts_words_with_defaults_and_without() {
    let tool = text_tools();
    tool.call("word_count", json!({ "text": "one two two" }))
        .assert_json("/words", json!(3))
        .assert_json("/frequent", json!({ "one": 1, "two": 2 }));
    tool.call("word_count", json!({ "text": "one two two", "top": 1, "ignore": ["two"] }))
        .assert_json("/frequent", json!({ "one": 1 }));
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
    text_tools().call("diff", json!({ "before": "a\nb", "after": "a\nc", "context": 1 })).assert_result(json!([
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
        .assert_json("/1", json!({ "kind": "bare", "url": "https://docs.example/x" }))
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
