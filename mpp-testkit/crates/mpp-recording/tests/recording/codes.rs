//! The code of each error, raised as a front end meets it.

use std::collections::BTreeSet;

use mpp_host::codes::Coded;
use mpp_host::package::Manifest;
use mpp_host::sandbox::network::{Request, Transport};
use mpp_host::testing::SamplePackage;
use mpp_recording::recording::Recording;
use mpp_recording::{Fault, Masks, MockPlan, RecordedCalls, Reply, codes};
use serde_json::json;

use crate::mocks::declared;

const HOST: &str = "api.crm.example";

/// Returns the code of a plan that cannot be built.
fn refused(prepare: impl FnOnce(&mut MockPlan)) -> &'static str {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("broken.json"), "{}").unwrap();
    let mut plan = MockPlan::new();
    prepare(&mut plan);
    plan.build(dir.path(), &declared(), Masks::default(), [].into()).unwrap_err().code().id
}

/// Returns the code of the failure of the second of two requests.
fn failed(prepare: impl FnOnce(&mut MockPlan)) -> &'static str {
    let mut plan = MockPlan::new();
    prepare(&mut plan);
    let network = plan.build(".".as_ref(), &declared(), Masks::default(), [].into()).unwrap();
    for _ in 0..2 {
        let _ = network.send(Request::new("GET", format!("https://{HOST}/")));
    }
    network.take_failure().unwrap().code().id
}

fn manifest() -> Manifest {
    SamplePackage::new().set("/capabilities", json!({ "network": [HOST] })).manifest()
}

#[test]
fn every_code_is_that_of_an_error() {
    let fault = |fault: Fault| fault.check(&manifest()).unwrap_err().code().id;
    let calls = |text: &str| RecordedCalls::parse(text).unwrap_err().code().id;
    let recording = |text: &str| Recording::parse(text.as_bytes()).unwrap_err().code().id;
    let other_method = r#"{"request":{"method":"ping"},"response":{"result":{}}}"#;
    let raised = [
        refused(|plan| {
            plan.respond("https://a/b", |_| 200);
        }),
        refused(|plan| {
            plan.respond("b.example", |_| 200);
        }),
        refused(|plan| {
            plan.fixture("none.json");
        }),
        refused(|plan| {
            plan.fixture("broken.json");
        }),
        refused(|plan| {
            plan.record("a.json").record("b.json");
        }),
        fault(Fault::http_timeout(HOST).sometimes(1.5, 1)),
        fault(Fault::kv_full()),
        calls("{"),
        calls(other_method),
        failed(|plan| {
            plan.respond(HOST, |_| Reply::pass());
        }),
        failed(|plan| {
            plan.sequence(HOST, [Reply::text("ok")]);
        }),
        failed(|plan| {
            plan.respond(HOST, |_| Reply::status(42));
        }),
        recording("{}"),
        recording(r#"{ "mpp_recording": 99 }"#),
        recording(r#"{ "mpp_recording": 1, "#),
    ];
    let known: Vec<&str> = codes::all().map(|code| code.id).collect();
    assert_eq!(raised.to_vec(), known);
    assert_eq!(fault(Fault::http_timeout(HOST).nth(0)), "MPP-R606");
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len());
}
