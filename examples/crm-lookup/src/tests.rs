//! Tests of the finished package, with a mock CRM behind the host's checks.

use mpp_testkit::faults::Outcome;
use mpp_testkit::http::{Reply, TransportError};
use mpp_testkit::{Fault, Tool, ToolBuilder};
use serde_json::{Value, json};

// ANCHOR: tool
const KEY: &str = "a key for tests";
const CRM: &str = "api.crm.example";

fn tool() -> ToolBuilder {
    mpp_testkit::tool!().env("CRM_API_KEY", KEY).env("CRM_URL", "https://api.crm.example/")
}

/// Loads the tool with a CRM that returns the same response to every request.
fn answering(answer: impl Into<Reply>) -> Tool {
    let answer = answer.into();
    tool().http(CRM, move |_| answer.clone()).load()
}
// ANCHOR_END: tool

fn ada() -> Value {
    json!([{ "id": "CUST-00012345", "name": "Ada Lovelace", "company": "Engines", "status": "active",
        "email": "ada@engines.example", "phone": "+1 212 555 0101", "notes": format!("4111 1111 1111 1111, {KEY}") }])
}

// ANCHOR: closure
#[test]
fn sends_the_key_and_redacts_the_result() {
    let tool = answering(ada());
    tool.call("lookup", json!({ "query": "ada & co", "limit": 3 }))
        .assert_at("/0/name", json!("Ada Lovelace"))
        .assert_at("/0/status", json!("active"))
        .assert_redacted("/0/id", "customer_id")
        .assert_redacted("/0/email", "email")
        .assert_redacted("/0/phone", "phone")
        .assert_redacted("/0/notes", "credit_card")
        .assert_redacted("/0/notes", "env:CRM_API_KEY");
    tool.requests()
        .assert_count(1)
        .assert_requested("GET", "https://api.crm.example/v1/customers?q=ada%20%26%20co&limit=3")
        .assert_header("authorization", "Bearer a key for tests");
}
// ANCHOR_END: closure

// ANCHOR: fixture
#[test]
fn reads_recorded_responses() {
    let tool = tool().http_fixture("fixtures/lookup.json").load();
    tool.call("lookup", json!({ "query": "ada" }))
        .assert_at("/0/company", json!("Analytical Engines"))
        .assert_redacted("/0/email", "email");
    tool.call("lookup", json!({ "query": "nobody" })).assert_error("not_found");
}
// ANCHOR_END: fixture

// ANCHOR: sequence
#[test]
fn next_call_asks_a_busy_crm_again() {
    let tool = tool().http_sequence(CRM, [Reply::status(503).retry_after(2), Reply::json(ada())]).load();
    tool.call("lookup", json!({ "query": "ada" })).assert_error("crm_down");
    tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada Lovelace");
}
// ANCHOR_END: sequence

#[test]
fn incomplete_customers_are_an_error_of_the_crm() {
    let mut customers = ada();
    customers[0].as_object_mut().expect("a customer").remove("company");
    let answer = answering(customers).call("lookup", json!({ "query": "ada" }));
    answer.assert_error("crm_down");
    assert!(answer.error().message.contains("company"), "{}", answer.error().message);
}

#[test]
fn distinguishes_a_rejected_key_no_match_and_a_failing_crm() {
    let call = |answer: Reply| answering(answer).call("lookup", json!({ "query": "ada" }));
    call(401.into()).assert_error("key_refused");
    call(json!([]).into()).assert_error("not_found");
    call((503, json!({ "error": "busy" })).into()).assert_error("crm_down");
    call(json!({ "not": "a list" }).into()).assert_error("crm_down");
    call(TransportError::Timeout.into()).assert_error("crm_down");
}

// ANCHOR: every
#[test]
fn every_fault_has_a_useful_error() {
    let report = answering(ada()).under_every_fault("lookup", json!({ "query": "ada" }));
    report.assert_clean();
    assert!(
        report.results().iter().all(|result| result.outcome != Outcome::Success),
        "every fault is noticed: {report}"
    );
    assert_eq!(report.result("http_timeout").outcome.to_string(), "crm_down, retryable");
    assert_eq!(report.result("http_status 401").outcome.to_string(), "key_refused");
    assert_eq!(report.result("redirect_to_undeclared_host").outcome.to_string(), "capability_denied, from the host");
}
// ANCHOR_END: every

// ANCHOR: one
#[test]
fn a_failed_request_does_not_affect_the_next() {
    let tool = tool().http(CRM, |_| ada()).fault(Fault::connection_reset(CRM).nth(1)).load();
    tool.call("lookup", json!({ "query": "ada" })).assert_error("crm_down");
    tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada Lovelace");
    tool.requests().assert_count(2);
}
// ANCHOR_END: one

#[test]
fn denial_names_the_line_that_would_allow_the_host() {
    let tool = tool().env("CRM_URL", "https://api.crn.example").http(CRM, |_| ada()).load();
    let answer = tool.call("lookup", json!({ "query": "ada" }));
    answer.assert_error("capability_denied").assert_message(
        "the manifest does not declare the host `api.crn.example`; the most similar declared host is `api.crm.example`; to allow it, write \
         `network = [\"api.crm.example\", \"localhost:8443\", \"api.crn.example\"]` under \
         `[package.metadata.mpp.capabilities]` and build again",
    );
    tool.requests().assert_count(0);
}
