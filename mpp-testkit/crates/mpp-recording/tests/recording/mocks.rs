//! Networks built from plans: answers, failures, and recorded fixtures.

use std::path::Path;

use mpp_host::package::manifest::NetworkEntry;
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_recording::{Masks, MockFailure, MockNetwork, MockPlan, PrepareError, Reply};
use serde_json::{Value, json};

const HOST: &str = "api.crm.example";

pub(crate) fn declared() -> Vec<NetworkEntry> {
    serde_json::from_value(json!([HOST])).unwrap()
}

fn masks() -> Masks {
    Masks::new([("TOKEN".to_owned(), "a secret token".to_owned())].into(), &declared())
}

fn build(plan: &MockPlan, directory: &Path) -> Result<MockNetwork, PrepareError> {
    plan.build(directory, &declared(), masks(), [].into())
}

fn request() -> Request {
    let mut request = Request::new("GET", format!("https://{HOST}/v1?key=a%20secret%20token"));
    request.headers.push(("authorization".to_owned(), "Bearer a secret token".to_owned()));
    request
}

#[test]
fn mocks_for_undeclared_hosts_are_refused() {
    let mut plan = MockPlan::new();
    plan.respond("api.crm.exampel", |_| 200);
    let error = build(&plan, Path::new(".")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a mock is for `api.crm.exampel`, a host that the manifest does not declare; did you mean `api.crm.example`?"
    );
    let PrepareError::UndeclaredHost { declared, nearest, .. } = error else { unreachable!("{error:?}") };
    assert_eq!((declared, nearest.as_deref()), (vec![HOST.to_owned()], Some(HOST)));
}

#[test]
fn an_unanswered_request_is_reported_without_secrets() {
    let mut plan = MockPlan::new();
    plan.respond(HOST, |_| Reply::pass());
    let network = build(&plan, Path::new(".")).unwrap();
    network.send(request()).unwrap_err();
    let Some(MockFailure::Unanswered(failure)) = network.take_failure() else { unreachable!("no failure") };
    assert_eq!((failure.method.as_str(), failure.url.as_str()), ("GET", "https://api.crm.example/v1?key=${TOKEN}"));
    assert_eq!(failure.request, "GET https://api.crm.example/v1?key=${TOKEN}\nauthorization: [masked]\n");
    assert_eq!(failure.tried[0].reason, "it passed the request on");
    assert!(network.take_failure().is_none(), "a failure is reported once");
}

#[test]
fn the_proposed_exchange_answers_the_request() {
    let dir = tempfile::tempdir().unwrap();
    let network = build(&MockPlan::new(), dir.path()).unwrap();
    network.send(request()).unwrap_err();
    let Some(MockFailure::Unanswered(failure)) = network.take_failure() else { unreachable!("no failure") };
    let exchange: Value = serde_json::from_str(&failure.fixture_exchange).unwrap();
    std::fs::write(dir.path().join("fixture.json"), json!({ "exchanges": [exchange] }).to_string()).unwrap();
    let mut plan = MockPlan::new();
    plan.fixture("fixture.json");
    let network = build(&plan, dir.path()).unwrap();
    assert_eq!(network.send(request()).unwrap().body, b"{}");
    assert!(network.take_failure().is_none());
}

#[test]
fn a_sequence_without_replies_left_is_reported() {
    let mut plan = MockPlan::new();
    plan.sequence(HOST, [200]);
    let network = build(&plan, Path::new(".")).unwrap();
    assert_eq!(network.send(request()).unwrap().status, 200);
    network.send(request()).unwrap_err();
    let failure = network.take_failure().unwrap();
    assert_eq!(failure.to_string(), "the sequence for `api.crm.example` has 1 reply, and this is request 2");
}

#[test]
fn recorded_exchanges_answer_again_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let mut plan = MockPlan::new();
    plan.record("deep/fixture.json");
    let network = build(&plan, dir.path()).unwrap();
    assert_eq!(network.unsaved_fixture(), None);
    let server = || -> Result<Response, TransportError> {
        let reply = Reply::json(json!({ "you": "a secret token", "access_token": "issued" }));
        reply.into_answer().unwrap()
    };
    network.carry(request(), &server).unwrap();
    let (path, text) = network.unsaved_fixture().unwrap();
    assert_eq!(path, dir.path().join("deep/fixture.json"));
    assert!(!text.contains("secret") && !text.contains("issued"), "{text}");
    network.mark_saved();
    assert_eq!(network.unsaved_fixture(), None);

    std::fs::write(dir.path().join("fixture.json"), text).unwrap();
    let mut plan = MockPlan::new();
    plan.fixture("fixture.json");
    let answer = build(&plan, dir.path()).unwrap().send(request()).unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body, json!({ "you": "a secret token", "access_token": "[masked]" }));
}

#[test]
fn only_one_fixture_is_recorded() {
    let mut plan = MockPlan::new();
    plan.record("a.json").record("b.json").record("a.json");
    let error = build(&plan, Path::new(".")).unwrap_err();
    assert_eq!(error.to_string(), "2 fixtures are to be recorded at once: `a.json` and `b.json`");
}
