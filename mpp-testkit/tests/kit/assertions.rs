//! Assertions that hold, and the messages of those that fail.

use std::time::Duration;

use serde_json::json;

use crate::support::{contacts, failure, mistake};

#[test]
fn assertions_that_hold_return_the_answer() {
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
        .assert_used(|used| !used.accesses.kv && used.output_bytes > 0);
    tool.call("find", json!({ "query": "nobody" }))
        .assert_error("not_found")
        .assert_error("tool_error")
        .assert_not_retryable()
        .assert_message_contains("try a part of the name");
    mistake("misbehaving").load().call("lookup", json!({ "address": "nowhere" })).assert_log("looking up nowhere");
}

#[test]
fn differences_are_listed_by_pointer() {
    let answer = contacts().call("count", json!({ "by": "file" }));
    let said = failure(|| answer.assert_json(json!({ "customers.csv": 4, "team.vcf": 5, "old.csv": 1 })));
    assert_eq!(
        said,
        "the result is not as expected\n  \
           `/team.vcf`: expected 5, found 4\n  \
           `/old.csv`: expected 1, found nothing\n\n\
         the answer of `count` with {\"by\":\"file\"}:\n  \
           | {\n  |   \"content\": [],\n  |   \"structuredContent\": {\n  |     \"customers.csv\": 4,\n  |     \"team.vcf\": 4\n  \
           |   },\n  |   \"isError\": false\n  | }\n\n\
         its log:\n  | customers.csv, line 7: skipped: expected 7 fields, found 2"
    );
    let said = failure(|| answer.assert_includes("", json!({ "team.csv": 4 })));
    assert!(
        said.starts_with("the result does not contain what was expected\n  `/team.csv`: expected 4, found nothing"),
        "{said}"
    );
    let said = failure(|| answer.pointer("/team.vfc"));
    let meant = "there is no value at `/team.vfc`: the result has no `team.vfc`; did you mean `team.vcf`?";
    assert!(said.starts_with(meant), "{said}");
}

#[test]
fn every_assertion_can_fail() {
    let tool = contacts();
    let found = tool.call("find", json!({ "query": "ada" }));
    let lost = tool.call("find", json!({ "query": "nobody" }));
    for (said, expected) in [
        (failure(|| found.assert_count("", 2)), "expected the result to have 2 items, found 1\n"),
        (
            failure(|| found.assert_count("/0/name", 2)),
            "the value at `/0/name` is neither a list nor an object, but \"Ada Lovelace\"\n",
        ),
        (failure(|| found.assert_absent("/0/name")), "expected no value at `/0/name`, found \"Ada Lovelace\"\n"),
        (
            failure(|| found.assert_redacted("/0/name", "email")),
            "expected a redaction of `email` at `/0/name`, found \"Ada Lovelace\"; redactions in the answer: `",
        ),
        (
            failure(|| found.assert_not_redacted("/0/reach")),
            "expected no redactions at `/0/reach` or below; redactions in the answer: `",
        ),
        (
            failure(|| found.assert_redaction_counts([("email", 3)])),
            "the redaction counts are not as expected\n  `credit_card`: expected 0, found 1\n",
        ),
        (failure(|| found.assert_log_redacted("email")), "expected a redaction of `email` in the log\n"),
        (failure(|| found.assert_text("x")), "the text is not as expected\nexpected: x\n   found: \n"),
        (failure(|| found.assert_text_contains("x")), "the text does not contain `x`\n"),
        (failure(|| found.assert_error("not_found")), "expected an error, found a result\n"),
        (failure(|| lost.assert_success()), "expected a result, found the error `not_found`: nobody matches"),
        (failure(|| lost.assert_error("timeout")), "expected the error `timeout`, found the error `not_found`"),
        (
            failure(|| lost.assert_retryable()),
            "expected a retryable error; mark it with `retryable` in `#[error(…)]`\n",
        ),
        (failure(|| lost.assert_message("x")), "the error message is not as expected\nexpected: x\n   found: nobody"),
        (failure(|| lost.assert_message_contains("x-y")), "the error message does not contain `x-y`\n"),
        (failure(|| lost.assert_log("x-y")), "the log does not contain `x-y`\n"),
        (failure(|| lost.assert_not_logged("skipped")), "the log contains `skipped`; expected it not to\n"),
        (
            failure(|| lost.assert_hosts(["a.example"])),
            "the hosts of the requests are not as expected\nexpected: `a.example`\n   found: none\n",
        ),
        (failure(|| lost.assert_memory_under(1)), "expected the call to use less than 1 bytes of memory, found "),
        (failure(|| lost.assert_time_under(Duration::ZERO)), "expected the call to take less than 0.0ns, found "),
        (
            failure(|| lost.assert_used(|used| used.accesses.kv)),
            "the report of the call does not fulfil the condition; the call used ",
        ),
        (
            failure(|| lost.assert_denied("network", "a.example")),
            "expected a denial of the host `a.example`; the tool sent no requests\n",
        ),
        (
            failure(|| lost.assert_denied("filesystem", "/etc")),
            "expected a denial of the path `/etc`; nothing was denied\n",
        ),
        (
            failure(|| lost.assert_denied("files", "/etc")),
            "`assert_denied` knows `network`, `filesystem` and `env_vars`, not `files`\n",
        ),
    ] {
        assert!(said.starts_with(expected), "expected: {expected}\n   found: {said}");
        let shows_call = said.contains(": `find` with {\"query\":") || said.contains("of `find` with {\"query\":");
        assert!(shows_call && said.contains("customers.csv, line 7"), "the call and its log: {said}");
    }
    let retry = mistake("misbehaving").load().call("fetch", json!({}));
    let said = failure(|| retry.assert_nothing_denied());
    assert!(
        said.starts_with(
            "expected no denials; denied were `api.crn.example`\nthis line of the manifest would allow it: network = \
             [\"api.crm.example\", \"api.crn.example\"]\n"
        ),
        "{said}"
    );
}

#[test]
fn snapshots_of_the_same_answer_are_equal() {
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
