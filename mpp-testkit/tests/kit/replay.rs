//! Replays of recorded calls.

use std::fs;

use serde_json::json;

use crate::support::{contacts, failure};

#[test]
fn recordings_are_replayed_with_redactions_and_volatile_values() {
    let report = contacts().replay("tests/kit/fixtures/contacts*.jsonl").volatile("/total").assert_same();
    assert_eq!((report.calls, report.skipped), (4, 2));
    assert_eq!(
        report.redacted,
        [
            "tests/kit/fixtures/contacts.jsonl, line 2: `/0/reach/0/address`: `email`",
            "tests/kit/fixtures/contacts.jsonl, line 2: `/0/reach/1/number`: `phone`",
        ]
    );
}

#[test]
fn recorded_calls_can_be_replayed() {
    let tool = contacts();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("recorded/x.jsonl");
    let mut recording = tool.record(&file);
    recording.call("find", json!({ "query": "ada" })).assert_count("", 1);
    recording.call("find", json!({ "query": "nobody" })).assert_error("not_found");
    recording.call("count", json!({}));
    recording.save();
    let report = tool.replay(file.to_str().unwrap()).assert_same();
    assert_eq!((report.calls, report.redacted.len()), (3, 0));
    assert!(
        failure(|| tool.record(&file).save()).starts_with("the recording is empty\n\nhelp: make at least one call")
    );
}

#[test]
fn the_report_lists_every_line_that_differs() {
    let dir = tempfile::tempdir().unwrap();
    let line = |id: u8, query: &str, result: serde_json::Value| {
        json!({ "request": { "id": id, "method": "tools/call", "params": { "name": "find", "arguments": { "query": query } } },
            "response": { "id": id, "result": { "structuredContent": result } } })
        .to_string()
    };
    let ada = contacts().call("find", json!({ "query": "ada" })).json();
    let mut other = ada.clone();
    other[0]["company"] = json!("Difference Engines");
    let lines = [line(1, "ada", ada), line(2, "ada", other), line(3, "nobody", json!([]))];
    fs::write(dir.path().join("a.jsonl"), lines.join("\n")).unwrap();
    let pattern = dir.path().join("*.jsonl");
    let report = contacts().replay(pattern.to_str().unwrap()).report();
    let places: Vec<usize> = report.different.iter().map(|different| different.line).collect();
    assert_eq!((report.calls, places), (3, vec![2, 3]));
    let said = failure(|| contacts().replay(pattern.to_str().unwrap()).assert_same());
    for part in [
        "2 of 3 replayed calls were not answered as recorded",
        "a.jsonl, line 2: `find` with {\"query\":\"ada\"}\n  `/0/company`: expected \"Difference Engines\", found \"Analytical Engines\"",
        "a.jsonl, line 3: `find` with {\"query\":\"nobody\"}\n  the whole value: expected {\"result\":",
        "(the answer is the error `not_found`",
        "MPP_TEST_BLESS=1",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn missing_files_and_invalid_lines_are_reported() {
    let tool = contacts();
    assert!(
        failure(|| tool.replay("tests/kit/fixtures/none*.jsonl").report())
            .contains("kit/fixtures` matches `none*.jsonl`")
    );
    assert!(failure(|| tool.replay("tests/none.jsonl").report()).contains("tests/none.jsonl` does not exist"));
    assert!(
        failure(|| tool.replay("*/x.jsonl").report())
            .contains("`*/x.jsonl` has a `*` in a directory; it is allowed in the file name only")
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.jsonl");
    fs::write(&file, "{\"request\":\n{}\n").unwrap();
    let said = failure(|| tool.replay(file.to_str().unwrap()).report());
    assert!(
        said.contains("x.jsonl, line 1: not JSON: ") && said.contains("x.jsonl, line 2: `request` is missing\n"),
        "{said}"
    );
    fs::write(&file, "\n").unwrap();
    assert!(
        failure(|| tool.replay(file.to_str().unwrap()).report())
            .contains("x.jsonl: the recording contains no `tools/call`")
    );
}
