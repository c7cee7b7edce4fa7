//! Property tests with generated arguments, for tools that handle all of them and tools that do not.

use serde_json::json;

use crate::support::{contacts, failure, mistake, text_tools};

#[test]
fn the_examples_handle_all_arguments() {
    for tool in [contacts(), text_tools()] {
        for summary in tool.fuzz_all(60) {
            assert_eq!(summary.results + summary.errors + summary.refused, 60, "{summary}");
            assert_eq!(summary.invalid, 60, "{summary}");
            assert!(summary.results > 0, "{summary}");
        }
    }
}

#[test]
fn the_same_seed_generates_the_same_calls() {
    let run = |seed| contacts().fuzz("find").cases(40).seed(seed).run();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_crash_is_found_and_shrunk() {
    let said = failure(|| mistake("misbehaving").load().fuzz_arguments("tenth", 100));
    assert!(said.starts_with("`tenth` with {\"of\":[]}: the error `tool_crashed`: the tool panicked at misbehaving/src/main.rs:34:5: index"), "{said}");
    for part in [
        "in `pick` at misbehaving/src/main.rs:34",
        "index out of bounds: the len is 0 but the index is 9",
        "    tool.call(\"tenth\", json!({\"of\":[]})).assert_success();",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn invalid_results_are_found() {
    let tool = mistake("misbehaving").load();
    let said = failure(|| tool.fuzz_arguments("lie", 5));
    assert!(said.contains("`/age`: expected at most 150"), "{said}");
    assert!(tool.fuzz_arguments("chat", 5).errors == 0, "what a tool prints is not a failure");
    assert!(tool.fuzz_arguments("lookup", 20).errors == 20, "an error of the tool is not a failure");
}

#[test]
fn an_unknown_tool_is_refused() {
    let said = failure(|| contacts().fuzz_arguments("fnid", 1));
    assert_eq!(said, "the package has no tool `fnid`; it has `count`, `find`, `list`");
}

#[test]
fn a_strategy_can_be_used_for_other_properties() {
    use proptest::strategy::{Strategy, ValueTree};
    let tool = text_tools();
    let strategy = tool.valid_arguments("slugify").prop_filter("a text", |arguments| arguments["text"] != json!(""));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..20 {
        let arguments = strategy.new_tree(&mut runner).unwrap().current();
        let answer = tool.call("slugify", arguments);
        assert!(answer.is_success() || answer.error().data["code"] == "nothing_left", "{answer:?}");
    }
}
