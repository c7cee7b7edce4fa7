//! The package as it ships, with a CRM of the test's behind the host's checks.

use std::sync::{Arc, Mutex};

use mpp_testkit::Tool;
use mpp_testkit::http::{Request, Response, Transport, TransportError};
use serde_json::json;

const KEY: &str = "a key for tests";

/// Gives one answer to everything, and keeps what it was asked.
#[derive(Debug)]
struct Crm {
    answer: Result<Response, TransportError>,
    asked: Mutex<Vec<Request>>,
}

impl Transport for Crm {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.push(request);
        }
        self.answer.clone()
    }
}

fn tool(answer: Result<Response, TransportError>, url: &str) -> (Tool, Arc<Crm>) {
    let crm = Arc::new(Crm { answer, asked: Mutex::default() });
    let tool = mpp_testkit::tool!().env("CRM_API_KEY", KEY).env("CRM_URL", url).http(Arc::clone(&crm) as _).load();
    (tool, crm)
}

fn answers(status: u16, body: &serde_json::Value) -> Result<Response, TransportError> {
    Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

fn ada() -> serde_json::Value {
    json!([{ "id": "CUST-00012345", "name": "Ada Lovelace", "company": "Engines", "status": "active",
        "email": "ada@engines.example", "phone": "+1 212 555 0101", "notes": format!("4111 1111 1111 1111, {KEY}") }])
}

#[test]
fn asks_the_crm_with_the_key_and_redacts_what_it_answers() {
    let (tool, crm) = tool(answers(200, &ada()), "https://api.crm.example/");
    tool.call("lookup", json!({ "query": "ada & co", "limit": 3 }))
        .assert_json("/0/name", json!("Ada Lovelace"))
        .assert_json("/0/status", json!("active"))
        .assert_redacted("/0/id", "customer_id")
        .assert_redacted("/0/email", "email")
        .assert_redacted("/0/phone", "phone")
        .assert_redacted("/0/notes", "credit_card")
        .assert_redacted("/0/notes", "env:CRM_API_KEY");
    let asked = crm.asked.lock().expect("the requests");
    assert_eq!(asked.len(), 1, "{asked:?}");
    let request = &asked[0];
    assert_eq!(request.url, "https://api.crm.example/v1/customers?q=ada%20%26%20co&limit=3");
    let authorization = request.headers.iter().find(|(name, _)| name == "authorization");
    assert_eq!(authorization.map(|(_, value)| value.as_str()), Some("Bearer a key for tests"));
}

#[test]
fn tells_a_refused_key_nobody_and_a_crm_that_fails_apart() {
    let call = |answer| tool(answer, "https://api.crm.example").0.call("lookup", json!({ "query": "ada" }));
    call(answers(401, &json!({}))).assert_error("key_refused");
    call(answers(200, &json!([]))).assert_error("not_found");
    call(answers(503, &json!({ "error": "busy" }))).assert_error("crm_down");
    call(answers(200, &json!({ "not": "a list" }))).assert_error("crm_down");
    call(Err(TransportError::Timeout)).assert_error("crm_down");
}

#[test]
fn another_host_is_refused_with_the_line_that_would_allow_it() {
    let (tool, crm) = tool(answers(200, &ada()), "https://api.crn.example");
    let answer = tool.call("lookup", json!({ "query": "ada" }));
    answer.assert_error("capability_denied").assert_message(
        "the manifest does not declare the host `api.crn.example`; the nearest that it declares is `api.crm.example`; to allow it, write \
         `network = [\"api.crm.example\", \"localhost:8443\", \"api.crn.example\"]` under \
         `[package.metadata.mpp.capabilities]` and build again",
    );
    assert!(crm.asked.lock().expect("the requests").is_empty(), "nothing was sent");
}
