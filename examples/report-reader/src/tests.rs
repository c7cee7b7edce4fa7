//! Tests of the finished package: it reads the sample, and writes the summary completely or not at all.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use mpp_testkit::{CallLimits, Tool, ToolBuilder};
use serde_json::json;

fn builder() -> ToolBuilder {
    mpp_testkit::tool!()
}

/// Returns the tool on the sample, with a temporary summary to write.
fn writing(summary: &Path) -> Tool {
    builder().dir("/out/summary.md", summary).load()
}

/// Creates a directory with a summary that contains `old`.
fn summary() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("mine.md");
    fs::write(&path, "old").expect("a file");
    (dir, path)
}

fn sample(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("sample").join(name)).expect("a file")
}

#[test]
fn lists_the_reports_of_both_directories() {
    let answer = builder().load().call("reports", json!({}));
    assert_eq!(answer.json().as_array().map(Vec::len), Some(4));
    answer.assert_at(
        "/0",
        json!({ "file": "/archive/2025-12.csv", "from": "2025-12-02", "to": "2025-12-11", "expenses": 2, "total": 502.39 }),
    );
    answer.assert_at("/3/file", json!("/reports/office.csv")).assert_at("/3/expenses", json!(3));
}

#[test]
fn adds_up_by_category_month_and_person() {
    let tool = builder().load();
    tool.call("totals", json!({ "month": "2026-02" }))
        .assert_at("/0", json!({ "name": "meals", "spent": 86.1, "budget": 150.0 }))
        .assert_at("/2", json!({ "name": "software", "spent": 99.0 }))
        .assert_at("/3", json!({ "name": "travel", "spent": 830.75, "budget": 800.0, "over": 30.75 }));
    // Three months have three budgets.
    tool.call("totals", json!({})).assert_at("/3", json!({ "name": "travel", "spent": 1883.15, "budget": 2400.0 }));
    let months = tool.call("totals", json!({ "by": "month" }));
    months.assert_at("/0", json!({ "name": "2025-12", "spent": 502.39 })).assert_at("/2/name", json!("2026-02"));
    tool.call("totals", json!({ "by": "person", "month": "2025-12" }))
        .assert_json(json!([{ "name": "Alan Turing", "spent": 89.99 }, { "name": "Grace Hopper", "spent": 412.4 }]));
}

#[test]
fn finds_expenses_and_redacts_notes() {
    let tool = builder().load();
    let found = tool.call("find", json!({ "query": "TRAIN lovelace" }));
    found.assert_at("/0/date", json!("2026-02-03")).assert_at("/0/amount", json!(512.75));
    found.assert_redacted("/0/note", "credit_card");
    tool.call("find", json!({ "query": "receipt" })).assert_redacted("/0/note", "email");
    tool.call("find", json!({ "query": "yacht" }))
        .assert_error("not_found")
        .assert_message("no expense matches `yacht`; try one word of it, or `totals`");
}

#[test]
fn writes_the_summary_and_nothing_else() {
    let (dir, path) = summary();
    let inode = fs::metadata(&path).expect("a file").ino();
    let tool = writing(&path);
    tool.call("summarize", json!({})).assert_json(json!({
        "file": "/out/summary.md", "month": "2026-02", "spent": 1045.85, "budget": 1150.0, "over": ["travel"], "skipped": 1
    }));
    assert_eq!(fs::read_to_string(&path).expect("a file"), sample("summary.md"));
    assert_ne!(fs::metadata(&path).expect("a file").ino(), inode, "written in place, not whole");
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 1);
    tool.call("summarize", json!({ "month": "2026-01" })).assert_at("/spent", json!(798.5));
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.starts_with("# Expenses of 2026-01\n") && !text.contains("software"), "{text}");
}

#[test]
fn a_failed_call_leaves_the_summary_unchanged() {
    let (_dir, path) = summary();
    writing(&path)
        .call("summarize", json!({ "month": "2027-01" }))
        .assert_error("no_such_month")
        .assert_message("there are no expenses in 2027-01; the latest are in 2026-02");
    // The result exceeds its limit after the summary was written.
    let mut limits = CallLimits::of(&builder().load().manifest().runtime);
    limits.output = 40;
    let tool = builder().dir("/out/summary.md", &path).limits(limits).load();
    tool.call("summarize", json!({})).assert_error("output_limit");
    assert_eq!(fs::read_to_string(&path).expect("a file"), "old");
}

#[test]
fn reading_writes_nothing() {
    let (_dir, path) = summary();
    let tool = writing(&path);
    tool.call("totals", json!({})).success();
    tool.call("reports", json!({})).success();
    assert_eq!(fs::read_to_string(&path).expect("a file"), "old");
}

#[test]
fn logs_a_line_that_cannot_be_read() {
    builder()
        .load()
        .call("reports", json!({}))
        .assert_log("/reports/office.csv, line 4: skipped: `2026-02-30` is not a day: expected one like 2026-02-17");
}

#[test]
fn rejects_an_incomplete_budget() {
    let dir = tempfile::tempdir().expect("a directory");
    let budget = dir.path().join("budget.csv");
    let tool = |text: &str| {
        fs::write(&budget, text).expect("a file");
        builder().dir("/config/budget.csv", &budget).load()
    };
    tool("category,monthly\ntravel,1\nmeals,a lot\n")
        .call("totals", json!({}))
        .assert_error("bad_budget")
        .assert_message("line 3 of the budget cannot be read: `a lot` is not an amount: expected digits with at most two decimals, like 12.50");
    tool("category,monthly\ntravel,1\nTravel,2\n").call("summarize", json!({})).assert_error("bad_budget");
    tool("").call("totals", json!({ "by": "month" })).success();
}

#[test]
fn reports_directories_without_reports() {
    let dir = tempfile::tempdir().expect("a directory");
    let tool = builder().dir("/reports", dir.path()).dir("/archive", dir.path()).load();
    tool.call("reports", json!({}))
        .assert_error("no_reports")
        .assert_message("there is no .csv file in `/reports` and `/archive`");
}

#[test]
fn rejects_invalid_arguments() {
    let tool = builder().load();
    tool.call("totals", json!({ "month": "February" })).assert_error("invalid_arguments");
    tool.call("totals", json!({ "by": "weekday" })).assert_error("invalid_arguments");
    tool.call("find", json!({ "query": "" })).assert_error("invalid_arguments");
}
