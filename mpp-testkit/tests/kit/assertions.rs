//! Assertions that hold, and what they say where they do not.

use std::time::Duration;

use serde_json::json;

use crate::support::{contacts, failure, mistake};

#[test]
fn what_holds_gives_the_answer_back() {
    let tool = contacts();
    tool.call("find", json!({ "query": "ada" }))
        .assert_success()
        .assert_at("/0/name", json!("Ada Lovelace"))
        .assert_includes("/0", json!({ "name": "Ada Lovelace", "reach": [{ "by": "phone" }] }))
        .assert_count("", 1)
        .assert_absent("/0/nickname")
        .assert_redacted("/0/reach/0/address", "email")
        .assert_redaction_counts([("email", 2), ("phone", 1), ("credit_card", 1), ("customer_id", 1)])
        .assert_nothing_denied()
        .assert_hosts([])
        .assert_memory_under(32 << 20)
        .assert_time_under(Duration::from_secs(3600))
        .assert_used(|used| !used.touched.kv && used.output_bytes > 0);
    tool.call("find", json!({ "query": "nobody" }))
        .assert_error("not_found")
        .assert_error("tool_error")
        .assert_not_retryable()
        .assert_message_contains("try a part of the name");
    mistake("misbehaving").load().call("lookup", json!({ "address": "nowhere" })).assert_log("looking up nowhere");
}

#[test]
fn a_difference_is_named_by_its_place() {
    let answer = contacts().call("count", json!({ "by": "file" }));
    let said = failure(|| answer.assert_json(json!({ "customers.csv": 4, "team.vcf": 5, "old.csv": 1 })));
    assert_eq!(
        said,
        "the result is another than expected\n  \
           `/old.csv`: expected 1, found nothing\n  \
           `/team.vcf`: expected 5, found 4\n\n\
         the answer of `count` with {\"by\":\"file\"}:\n  \
           | {\n  |   \"content\": [],\n  |   \"isError\": false,\n  |   \"structuredContent\": {\n  |     \"customers.csv\": 4,\n  \
           |     \"team.vcf\": 4\n  |   }\n  | }\n\n\
         its log:\n  | customers.csv, line 7: skipped: expected 7 fields, found 2"
    );
    let said = failure(|| answer.assert_includes("", json!({ "team.csv": 4 })));
    assert!(said.starts_with("the result lacks what is expected\n  `/team.csv`: expected 4, found nothing"), "{said}");
    let said = failure(|| answer.pointer("/team.vfc"));
    let meant = "there is nothing at `/team.vfc`: the result has no `team.vfc`; did you mean `team.vcf`?";
    assert!(said.starts_with(meant), "{said}");
}

#[test]
fn every_assertion_can_fail() {
    let tool = contacts();
    let found = tool.call("find", json!({ "query": "ada" }));
    let lost = tool.call("find", json!({ "query": "nobody" }));
    for (said, expected) in [
        (failure(|| found.assert_count("", 2)), "the result has 1 items, expected 2"),
        (failure(|| found.assert_count("/0/name", 2)), "the value at `/0/name` is neither a list nor an object"),
        (failure(|| found.assert_absent("/0/name")), "expected nothing at `/0/name`, found \"Ada Lovelace\""),
        (
            failure(|| found.assert_redacted("/0/name", "email")),
            "nothing was redacted as `email` at `/0/name`, where \"Ada Lovelace\" stands; redacted were",
        ),
        (failure(|| found.assert_not_redacted("/0/reach")), "something was redacted at `/0/reach` or below"),
        (
            failure(|| found.assert_redaction_counts([("email", 3)])),
            "other counts of redactions than expected\n  `credit_card`: expected 0, found 1",
        ),
        (failure(|| found.assert_log_redacted("email")), "nothing was redacted as `email` in the log"),
        (failure(|| found.assert_text("x")), "the text is another than expected"),
        (failure(|| found.assert_text_contains("x")), "the text does not contain `x`"),
        (failure(|| found.assert_error("not_found")), "expected an error, found a result"),
        (failure(|| lost.assert_success()), "expected a result, found the error `not_found`: nobody matches"),
        (failure(|| lost.assert_error("timeout")), "expected the error `timeout`, found the error `not_found`"),
        (failure(|| lost.assert_retryable()), "the error does not say that trying again may help"),
        (failure(|| lost.assert_message("x")), "the message is another than expected\nexpected: x\n   found: nobody"),
        (failure(|| lost.assert_message_contains("x-y")), "the message does not contain `x-y`"),
        (failure(|| lost.assert_log("x-y")), "the log does not contain `x-y`"),
        (failure(|| lost.assert_not_logged("skipped")), "the tool wrote `skipped` to its log"),
        (
            failure(|| lost.assert_hosts(["a.example"])),
            "requests went to other hosts than expected\nexpected: `a.example`",
        ),
        (failure(|| lost.assert_memory_under(1)), "the call had "),
        (failure(|| lost.assert_time_under(Duration::ZERO)), "the call took "),
        (failure(|| lost.assert_used(|used| used.touched.kv)), "the call used something else than expected: "),
        (
            failure(|| lost.assert_denied("network", "a.example")),
            "expected that the tool is refused the host `a.example`; it sent no request anywhere",
        ),
        (failure(|| lost.assert_denied("filesystem", "/etc")), "`filesystem` is not refused by name"),
    ] {
        assert!(said.starts_with(expected), "expected: {expected}\n   found: {said}");
        let shows_call = said.contains(": `find` with {\"query\":") || said.contains("of `find` with {\"query\":");
        assert!(shows_call && said.contains("customers.csv, line 7"), "the call and its log: {said}");
    }
    let retry = mistake("misbehaving").load().call("fetch", json!({}));
    failure(|| retry.assert_nothing_denied());
}

#[test]
fn a_snapshot_is_the_same_every_time() {
    let tool = mistake("misbehaving").load();
    let crash = || tool.call("tenth", json!({ "of": [1] })).snapshot();
    let text = crash();
    assert_eq!(text, crash());
    assert!(text.contains("\"kind\": \"tool_crashed\"") && !text.contains("backtrace"), "{text}");
    let text = contacts().call("find", json!({ "query": "ada", "limit": 1 })).snapshot();
    for part in ["\"redacted\": [\n    \"/0/reach/0/address: 1 × email\"", "\"name\": \"Ada Lovelace\""] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let keys: Vec<&str> =
        text.lines().filter(|line| line.starts_with("      \"") || line.starts_with("        \"")).collect();
    assert!(!keys.is_empty() && !text.contains("duration"), "{text}");
}
