//! Mocks, fixtures, state, files, variables and faults behave the same in both modes; exceptions are reported.

use std::time::Duration;

use mpp_testkit::http::{Reply, Request, TransportError};
use mpp_testkit::{Fault, Mode, ToolBuilder};
use serde_json::{Value, json};

use crate::support::failure;

const HOST: &str = "api.example.com";
const BOTH: [Mode; 2] = [Mode::Sandboxed, Mode::Native];

/// The sample in the given mode, with temporary files.
fn sample(mode: Mode) -> ToolBuilder {
    let builder = mpp_testkit::tool!("tests/sample")
        .env("TOKEN", "a-token-of-the-tests")
        .file("/data/a.txt", "from the directory")
        .file("/config/one.txt", "the file alone")
        .temp_dir("/out");
    if mode == Mode::Native { builder.native() } else { builder.sandboxed() }
}

fn page(path: &str) -> Value {
    json!({ "url": format!("https://{HOST}{path}") })
}

/// Runs a test in both modes, asserts that the results are equal, and returns them.
fn same_in_both<T: PartialEq + std::fmt::Debug>(test: impl Fn(Mode) -> T) -> T {
    let [sandboxed, native] = BOTH.map(test);
    assert_eq!(sandboxed, native, "sandboxed and native");
    native
}

#[test]
fn mocks_answer_and_requests_are_recorded() {
    for mode in BOTH {
        let tool = sample(mode)
            .http(HOST, |request| (request.path() == "/closure").then_some("a closure"))
            .http_sequence(HOST, [Reply::text("one"), Reply::status(503), TransportError::Refused.into()])
            .load();
        tool.call("fetch", page("/closure")).assert_text("a closure");
        tool.call("fetch", page("/")).assert_text("one");
        tool.call("fetch", page("/")).assert_error("http_status");
        tool.call("fetch", page("/")).assert_error("http_connection");
        let sent = tool.requests();
        sent.assert_count(4)
            .assert_requested("GET", "https://api.example.com/closure")
            .assert_header("authorization", "Bearer a-token-of-the-tests");
    }
}

#[test]
fn an_unanswered_request_has_the_same_message() {
    let message = same_in_both(|mode| failure(|| sample(mode).load().call("fetch", page("/page?q=1"))));
    assert!(message.starts_with("no mock answers the request `GET https://api.example.com/page?q=1`\n"));
    assert!(message.contains("  | authorization: [masked]\n") && !message.contains("a-token"), "{message}");
    assert!(message.contains("\"url\": \"https://api.example.com/page?q=1\""), "{message}");
}

#[test]
fn a_panic_in_a_closure_fails_the_test() {
    let own = |_: &Request| -> Reply { panic!("the page is another one") };
    let message = same_in_both(|mode| failure(|| sample(mode).http(HOST, own).load().call("fetch", page("/"))));
    assert_eq!(message, "the page is another one");
    let message = same_in_both(|mode| failure(|| sample(mode).http(HOST, |_| 1000).load().call("fetch", page("/"))));
    assert_eq!(message, "the closure for `api.example.com` returned the status 1000; expected 100 to 599");
}

#[test]
fn a_fixture_answers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fixture.json");
    let exchange =
        |reply: Value| json!({ "request": { "method": "GET", "url": page("/x")["url"] }, "response": reply });
    let exchanges =
        [exchange(json!({ "status": 200, "text": "for ${TOKEN}" })), exchange(json!({ "error": "timeout" }))];
    std::fs::write(&path, json!({ "exchanges": exchanges }).to_string()).unwrap();
    for mode in BOTH {
        let tool = sample(mode).http_fixture(&path).load();
        tool.call("fetch", page("/x")).assert_text("for [REDACTED:env:TOKEN]");
        tool.call("fetch", page("/x")).assert_error("timeout");
        let message = failure(|| tool.call("fetch", page("/y")));
        assert!(message.contains("its `GET https://api.example.com/x` has another URL"), "{message}");
    }
}

#[test]
fn state_is_prepared_compared_and_asserted() {
    for mode in BOTH {
        let tool = sample(mode).kv("count", "41").kv_with_ttl("kept", "tea", Duration::from_secs(60)).load();
        let before = tool.kv();
        tool.call("count", json!({})).assert_json(42);
        tool.call("recall", json!({})).assert_json(json!(["tea"]));
        tool.call("count", json!({ "fail": true })).assert_error("failed");
        assert_eq!(before.diff(&tool.kv()).to_string(), "~ count = 41 → 42");
        let message = failure(|| tool.assert_kv("count", 43).kv());
        assert_eq!(message, "the value of `count` in the state is not as expected\nexpected: 43\n   found: 42");
    }
}

#[test]
fn files_are_prepared_and_read() {
    for mode in BOTH {
        let tool = sample(mode).file("/data/deep/b.txt", "deeper").load();
        tool.call("read", json!({ "path": "/data/a.txt" })).assert_text("from the directory");
        tool.call("read", json!({ "path": "/data/deep/b.txt" })).assert_text("deeper");
        tool.call("read", json!({ "path": "/config/one.txt" })).assert_text("the file alone");
        let before = tool.files("/out");
        tool.call("write", json!({ "path": "/out/new.txt", "text": "written" })).success();
        assert_eq!(before.diff(&tool.files("/out")).to_string(), "+ new.txt");
        assert_eq!(tool.read_text("/out/new.txt"), "written");
        assert!(sample(mode).load().files("/out").is_empty(), "each tool has its own directory");
    }
}

#[test]
fn faults_have_the_same_errors() {
    let faults = [
        Fault::http_timeout(HOST),
        Fault::dns_failure(HOST),
        Fault::connection_refused(HOST),
        Fault::connection_reset(HOST),
        Fault::truncated_body(HOST),
        Fault::oversized_body(HOST),
        Fault::http_status(HOST, 429).retry_after(2),
        Fault::redirect_to_undeclared_host(HOST),
        Fault::time_limit(),
    ];
    let told = same_in_both(|mode| {
        let answer = |fault| sample(mode).http(HOST, |_| "a page").fault(fault).load().call("fetch", page("/"));
        faults.clone().map(|fault| answer(fault).error().message.clone())
    });
    assert_eq!(told[1], "`api.example.com`: its name has no address");
    assert_eq!(told[8], "the call took longer than the 0 ms that this host allows");
    let told = same_in_both(|mode| {
        let answer = |fault| sample(mode).fault(fault).load().call("count", json!({}));
        [Fault::kv_full(), Fault::kv_busy(), Fault::kv_disk_full()].map(|fault| answer(fault).error().message.clone())
    });
    assert!(told[0].starts_with("the package's state is full: 65536 bytes of other entries"), "{told:?}");
}

#[test]
fn sandbox_only_faults_are_refused_natively() {
    for (fault, expected) in [
        (
            Fault::memory_limit(4 << 20),
            "the fault `memory_limit 4194304` works in the sandbox only, and this test runs natively: the memory of in-process \
             calls is not limited",
        ),
        (
            Fault::disk_full().nth(2),
            "the fault `disk_full, number 2` works in the sandbox only, and this test runs natively: in-process calls use the \
             files of the operating system",
        ),
    ] {
        let message = failure(|| sample(Mode::Native).fault(fault.clone()).load());
        assert_eq!(message.lines().next(), Some(expected));
        assert!(message.contains("help: call `.sandboxed()` before `.load()`"), "{message}");
        sample(Mode::Sandboxed).fault(fault).load().call("count", json!({})).assert_json(1);
    }
}

#[test]
fn sandbox_only_faults_are_skipped_natively() {
    let report = |mode| sample(mode).load().under_every_fault("write", json!({ "path": "/out/a.txt", "text": "a" }));
    let (sandboxed, native) = (report(Mode::Sandboxed), report(Mode::Native));
    sandboxed.assert_clean();
    assert!(sandboxed.result("disk_full").injected);
    assert_eq!(sandboxed.result("disk_full").outcome.to_string(), "io");
    assert!(sandboxed.skipped().is_empty());
    native.assert_clean();
    let names: Vec<String> = native.skipped().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["disk_full", "memory_limit"]);
    assert_eq!(
        native.to_string(),
        "clean    time_limit  timeout, from the host\n\
         skipped  disk_full: it works in the sandbox only, and this test runs natively: in-process calls use the files of the \
         operating system\n\
         skipped  memory_limit: it works in the sandbox only, and this test runs natively: the memory of in-process calls is not \
         limited"
    );
    let message = failure(|| native.result("disk_full").injected);
    assert!(
        message.starts_with("the report has no fault `disk_full`\n") && message.contains("skipped  disk_full"),
        "{message}"
    );
}

#[test]
fn a_panic_under_a_fault_is_unclean() {
    let rows = same_in_both(|mode| {
        let report = sample(mode).http(HOST, |_| "a page").load().under_every_fault("fetch_carelessly", page("/"));
        let message = failure(|| report.assert_clean().results().len());
        assert!(message.contains("UNCLEAN  dns_failure (api.example.com)"), "{message}");
        let unclean = report.results().iter().filter(|row| !row.outcome.is_clean());
        unclean.map(|row| row.fault.to_string()).collect::<Vec<_>>()
    });
    assert!(rows.contains(&"connection_refused (api.example.com)".to_owned()), "{rows:?}");
}

#[test]
fn arguments_mean_what_their_schema_says() {
    for mode in BOTH {
        let tool = sample(mode).load();
        let drawn = |area: f64| json!({ "area": area, "times": 1, "labels": [], "note": null });
        tool.call("draw", json!({ "shape": { "kind": "dot" } })).assert_json(drawn(0.0));
        // Other names, integers written as floats, and `null` for what may be left out.
        let ring =
            json!({ "shape": { "kind": "ring", "r": 2 }, "by": 2.0, "times": null, "labels": null, "note": null });
        tool.call("draw", ring).assert_json(drawn(6.0));
        let labelled = json!({ "shape": { "kind": "dot" }, "times": 3.0, "labels": ["b", "a", "b"], "note": "null" });
        let expected = json!({ "area": 0.0, "times": 3, "labels": ["a", "b"], "note": "null" });
        tool.call("draw", labelled).assert_json(expected);
    }
}

#[test]
fn mistakes_in_arguments_are_told_at_their_place() {
    let draw = |shape: Value, by: Value| json!({ "shape": shape, "by": by });
    let dot = || json!({ "kind": "dot" });
    for (arguments, message) in [
        (
            draw(json!({ "kind": "crcle", "radius": 1 }), json!(1)),
            "`/shape/kind`: expected one of `\"circle\"`, `\"ring\"`, `\"dot\"`; did you mean `\"circle\"`?",
        ),
        (
            draw(json!({ "radius": 1 }), json!(1)),
            "`/shape/kind`: is missing, expected one of `\"circle\"`, `\"ring\"`, `\"dot\"`",
        ),
        (
            draw(json!({ "kind": "dot", "radius": 1 }), json!(1)),
            "`/shape/radius`: there is no such key, expected one of `kind`",
        ),
        (draw(dot(), json!(2_147_483_648_u32)), "`/by`: expected at most 2147483647, found 2147483648"),
        (draw(dot(), json!(1.5)), "`/by`: expected an integer from -2147483648 to 2147483647, found 1.5"),
    ] {
        let told = same_in_both(|mode| {
            let answer = sample(mode).load().call("draw", arguments.clone());
            answer.error().message.clone()
        });
        assert_eq!(told, format!("the arguments do not fit `draw`: {message}"));
    }
}

#[test]
fn a_number_that_is_not_finite_is_an_error() {
    let told = same_in_both(|mode| {
        let answer = sample(mode).load().call("draw", json!({ "shape": { "kind": "circle", "radius": 1 }, "by": 0 }));
        answer.assert_error("result_not_json");
        answer.error().message.clone()
    });
    assert!(told.contains("the number at `/area` is infinite, and JSON has finite numbers only"), "{told}");
}
