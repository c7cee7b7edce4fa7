//! Faults: the errors that a tool receives, when faults apply, and the report of all of them.

use std::collections::BTreeSet;

use mpp_testkit::http::TransportError;
use mpp_testkit::{Fault, ToolBuilder};
use serde_json::{Value, json};

use crate::support::{crm, failure, notes, scribe};

const SCRIBE: &str = "api.scribe.example";

fn page() -> Value {
    json!({ "url": "https://api.scribe.example/page" })
}

fn answering() -> ToolBuilder {
    scribe().http(SCRIBE, |_| "a page").temp_dir("/out").file("/in/a", "").file("/ledger.txt", "one\n")
}

#[test]
fn http_faults_have_the_errors_of_real_servers() {
    let under = |fault: Fault| {
        let answer = answering().fault(fault).load().call("fetch", page());
        answer.assert_error("server_down");
        answer.error().message.replace("the server does not answer as it should: ", "")
    };
    for (fault, expected) in [
        (Fault::http_timeout(SCRIBE), "`api.scribe.example`: it did not respond completely in time"),
        (Fault::http_connect_timeout(SCRIBE), "`api.scribe.example`: no connection was established in time"),
        (Fault::dns_failure(SCRIBE), "`api.scribe.example`: its name has no address"),
        (Fault::connection_refused(SCRIBE), "`api.scribe.example`: it refused the connection"),
        (Fault::connection_reset(SCRIBE), "`api.scribe.example`: it closed the connection"),
        (
            Fault::truncated_body(SCRIBE),
            "`api.scribe.example`: it closed the connection before its response was complete",
        ),
        (Fault::oversized_body(SCRIBE), "`api.scribe.example`: its response exceeds the limit of 16777216 bytes"),
        (
            Fault::http_status(SCRIBE, 429).retry_after(2),
            "`https://api.scribe.example/page` answered with status 429: {\"error\":\"status 429, injected as a fault\"}",
        ),
    ] {
        assert_eq!(under(fault.clone()), expected, "{fault}");
    }
    let away = answering().fault(Fault::redirect_to_undeclared_host(SCRIBE)).load().call("fetch", page());
    away.assert_error("capability_denied");
}

#[test]
fn a_request_without_a_timeout_uses_up_the_call() {
    let tool = answering().fault(Fault::http_timeout(SCRIBE)).load();
    tool.call("fetch", page()).assert_error("server_down");
    tool.call("fetch_or_not", page()).assert_error("timeout");
    // The ten seconds that the host allows for a connection use up the whole time of this call.
    let tool = answering().fault(Fault::http_connect_timeout(SCRIBE)).load();
    tool.call("fetch_or_not", page()).assert_error("timeout");
    // Two attempts of two seconds fit into ten seconds. A timeout of a mock has the same effect.
    let tool = scribe().http_sequence(SCRIBE, [Err(TransportError::Timeout), Ok("late, but there")]).load();
    tool.call("fetch_twice", page()).assert_text("late, but there");
}

#[test]
fn faults_apply_to_the_selected_requests() {
    let tool = answering().fault(Fault::http_status(SCRIBE, 503).nth(2)).load();
    let outcomes =
        |tool: &mpp_testkit::Tool| -> Vec<bool> { (0..40).map(|_| tool.call("fetch", page()).is_success()).collect() };
    assert_eq!(outcomes(&tool)[..4], [true, false, true, true]);
    let tool = answering().fault(Fault::http_status(SCRIBE, 503).first(2)).load();
    assert_eq!(outcomes(&tool)[..4], [false, false, true, true]);
    tool.requests().assert_count(40);
    let by_seed = |seed| outcomes(&answering().fault(Fault::connection_reset(SCRIBE).sometimes(0.5, seed)).load());
    let first = by_seed(1);
    assert_eq!(first, by_seed(1));
    assert_ne!(first, by_seed(2));
    assert!(first.contains(&true) && first.contains(&false));
    // The tool tries again.
    let tool = answering().fault(Fault::http_status(SCRIBE, 503).first(1)).load();
    tool.call("fetch_twice", page()).assert_text("a page");
}

#[test]
fn a_full_state_accepts_only_writes_that_free_space() {
    let tool = notes()
        .kv("note/0000000001", json!({ "id": 1, "text": "tea" }))
        .kv("last_id", "1")
        .fault(Fault::kv_full())
        .load();
    let before = tool.kv();
    tool.call("add", json!({ "text": "milk" })).assert_error("kv_full").assert_message(
        "the package's state is full: 1048576 bytes of other entries and 37 of this one exceed the 1048576 that \
         `kv.max_bytes` of its manifest allows; delete some entries",
    );
    assert!(before.diff(&tool.kv()).is_empty(), "nothing was changed");
    tool.call("edit", json!({ "id": 1, "old": "tea", "new": "te" })).success();
    tool.call("remove", json!({ "id": 1 })).success();
}

#[test]
fn a_busy_state_is_a_conflict_and_the_lock_is_released() {
    let tool = notes().fault(Fault::kv_busy().nth(2)).load();
    tool.call("add", json!({ "text": "tea" })).success();
    let busy = tool.call("add", json!({ "text": "milk" }));
    busy.assert_error("state_conflict");
    assert_eq!(busy.error().data["retryable"], json!(true));
    tool.call("add", json!({ "text": "milk" })).assert_at("/id", 2);
    // Reading needs no lock.
    let tool = notes().fault(Fault::kv_busy()).load();
    tool.call("list", json!({})).assert_at("/notes", json!([]));
    // A call that reads and then writes is repeated with the lock, which it cannot get.
    let tool = scribe().temp_dir("/out").file("/in/a", "").file("/ledger.txt", "").fault(Fault::kv_busy()).load();
    tool.call("remember", json!({ "key": "a", "value": "b" })).assert_error("state_conflict");
}

#[test]
fn a_full_disk_loses_only_the_writes_of_the_call() {
    let tool = notes().fault(Fault::kv_disk_full().nth(2)).load();
    tool.call("add", json!({ "text": "tea" })).success();
    let before = tool.kv();
    tool.call("add", json!({ "text": "milk" }))
        .assert_error("state_unavailable")
        .assert_message("the disk with the package's state is full; nothing was written");
    assert!(before.diff(&tool.kv()).is_empty());
    tool.call("add", json!({ "text": "milk" })).assert_at("/id", 2);
    let reading = notes().fault(Fault::kv_disk_full()).load();
    reading.call("list", json!({})).assert_at("/notes", json!([]));

    let tool = answering().fault(Fault::disk_full()).load();
    let full = tool.call("write", json!({ "name": "a.txt", "text": "some text" }));
    full.assert_error("not_written");
    assert!(full.error().message.contains("No space left on device"), "{}", full.error().message);
    assert_eq!(tool.files("/out").get("a.txt"), Some([].as_slice()), "the file is empty");
    tool.call("enter", json!({ "line": "two" })).assert_error("not_written");
    assert_eq!(tool.read_text("/ledger.txt"), "one\n", "a declared file is replaced as a whole or not at all");
    tool.call("count", json!({ "by": 1 })).assert_log("counting by 1").assert_json(1);
}

#[test]
fn memory_and_time_limits_roll_the_call_back() {
    let tool = answering().fault(Fault::memory_limit(4 * 1024 * 1024).nth(2)).load();
    tool.call("grow", json!({ "mib": 8 })).success();
    tool.call("grow", json!({ "mib": 8 })).assert_error("memory_limit");
    tool.call("grow", json!({ "mib": 8 })).success();
    let tool = answering().fault(Fault::time_limit().nth(2)).load();
    tool.call("count", json!({ "by": 1 })).success();
    tool.call("count", json!({ "by": 1 })).assert_error("timeout");
    tool.assert_kv("count", 1);
    let tool = notes().fault(Fault::time_limit()).load();
    tool.call("list", json!({})).assert_error("timeout");
}

#[test]
fn impossible_faults_are_refused() {
    for (fault, expected) in [
        (Fault::kv_full(), "the fault `kv_full` can never happen: the manifest does not declare `kv`"),
        (
            Fault::disk_full(),
            "the fault `disk_full` can never happen: the manifest does not declare a path under `filesystem.write`",
        ),
        (
            Fault::time_limit().nth(0),
            "the fault `time_limit, number 0` is set for number 0; calls and requests are counted from 1",
        ),
        (
            Fault::dns_failure("api.crm.exampel"),
            "the fault `dns_failure (api.crm.exampel)` is for `api.crm.exampel`, a host that the manifest does not declare; \
             did you mean `api.crm.example`?",
        ),
    ] {
        let message = failure(|| crm().fault(fault).load());
        assert_eq!(message.lines().next(), Some(expected));
    }
    let message = failure(|| crm().fault(Fault::time_limit().sometimes(1.5, 1)).load());
    assert!(message.ends_with("` has the probability 1.5; expected a number from 0.0 to 1.0"), "{message}");
}

#[test]
fn a_careful_tool_is_clean_under_every_fault() {
    let tool = notes().load();
    tool.call("add", json!({ "text": "tea" })).success();
    let before = tool.kv();
    let report = tool.under_every_fault("edit", json!({ "id": 1, "old": "tea", "new": "a lot of coffee" }));
    report.assert_clean();
    assert_eq!(
        report
            .to_string()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()[..3],
        [
            "clean kv_full kv_full",
            "clean kv_busy state_conflict, from the host",
            "clean kv_disk_full state_unavailable, from the host",
        ]
    );
    assert!(before.diff(&tool.kv()).is_empty(), "each call was made on a copy");
    let again = tool.under_every_fault("edit", json!({ "id": 1, "old": "tea", "new": "a lot of coffee" }));
    assert_eq!(again.to_string(), report.to_string());

    let report = crm().http("api.crm.example", |_| json!([])).load();
    let message = failure(|| report.under_every_fault("lookup", json!({ "query": "ada" })));
    assert!(message.starts_with("expected a result, found the error `not_found`"), "{message}");
}

#[test]
fn a_careless_tool_fails_with_the_table() {
    let report = answering().load().under_every_fault("fetch_carelessly", page());
    let message = failure(|| report.assert_clean());
    let names: BTreeSet<&str> = message.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(names.contains("dns_failure"), "{message}");
    assert!(
        message.starts_with(
            "`fetch_carelessly` with {\"url\":\"https://api.scribe.example/page\"} ended uncleanly under "
        )
    );
    let row = |name: &str| report.result(name).outcome.to_string();
    assert_eq!(
        row("http_timeout"),
        "timeout: a request without a timeout of its own used up the time of the whole call"
    );
    assert!(row("connection_refused").starts_with("tool_crashed: the tool crashed"), "{}", row("connection_refused"));
    assert_eq!(row("http_status 503"), "a result", "the tool ignores the status");
    assert_eq!(row("memory_limit"), "memory_limit, from the host");
    assert_eq!(row("time_limit"), "timeout, from the host");
    assert!(message.contains("the log under dns_failure (api.scribe.example):"), "{message}");
    assert!(message.contains("UNCLEAN  dns_failure"), "{message}");
}

#[test]
fn selected_faults_are_reported() {
    let tool = answering().load();
    let faults = [Fault::http_status(SCRIBE, 418), Fault::disk_full()];
    let report = tool.under_faults(faults, "fetch", page());
    report.assert_clean();
    assert_eq!(report.results().iter().map(|result| result.injected).collect::<Vec<_>>(), [true, false]);
    assert!(report.to_string().ends_with("  a result (the call did nothing that could meet the fault)"), "{report}");
    let report =
        tool.under_faults([Fault::disk_full(), Fault::kv_full()], "write", json!({ "name": "a", "text": "b" }));
    assert_eq!(report.results().iter().map(|result| result.injected).collect::<Vec<_>>(), [true, false]);
    assert_eq!(report.result("disk_full").outcome.to_string(), "not_written");
    let message = failure(|| report.assert_injected().results().len());
    assert!(
        message.starts_with("`write` with {\"name\":\"a\",\"text\":\"b\"} did not meet `kv_full`\n\nclean "),
        "{message}"
    );
    let message = failure(|| tool.under_faults([], "fetch", page()).assert_clean().results().len());
    assert!(message.ends_with("was called under no fault"), "{message}");
    let retried = answering().load().under_faults([Fault::connection_reset(SCRIBE).first(1)], "fetch_twice", page());
    retried.assert_injected();
    assert_eq!(retried.to_string(), "clean    connection_reset (api.scribe.example), the first 1  a result");
}
