//! HTTP mocks: replies, their order, and the message for a request that no mock answers.

use std::sync::Arc;

use mpp_testkit::http::{Reply, Request, Response, Transport, TransportError};
use serde_json::{Value, json};

use crate::support::{crm, failure, scribe};

const SCRIBE: &str = "api.scribe.example";

fn page() -> Value {
    json!({ "url": "https://api.scribe.example/page" })
}

#[test]
fn closures_return_anything_that_converts_into_a_reply() {
    macro_rules! tool {
        () => {
            scribe()
        };
    }
    // ANCHOR: replies
    let tool = tool!()
        .http(SCRIBE, |request| match request.path() {
            "/json" => Reply::json(json!({ "q": request.query("q") })),
            "/text" => "as it is".into(),
            "/status" => (418, "short and stout").into(),
            "/empty" => 204.into(),
            "/bytes" => b"bytes".to_vec().into(),
            "/late" => TransportError::Timeout.into(),
            _ => Err::<Reply, _>(TransportError::Refused).into(),
        })
        .load();
    // ANCHOR_END: replies
    let fetch = |path: &str| tool.call("fetch", json!({ "url": format!("https://{SCRIBE}{path}") }));
    fetch("/json?q=a%20b").assert_text(r#"{"q":"a b"}"#);
    fetch("/text").assert_text("as it is");
    fetch("/empty").assert_text("");
    fetch("/bytes").assert_text("bytes");
    fetch("/status").assert_error("server_down").assert_message(
        "the server does not answer as it should: `https://api.scribe.example/status` answered with status 418: short and \
         stout",
    );
    fetch("/late").assert_message(
        "the server does not answer as it should: `api.scribe.example`: it did not respond completely in time",
    );
    fetch("/other")
        .assert_message("the server does not answer as it should: `api.scribe.example`: it refused the connection");
    tool.requests().assert_count(7);
}

#[test]
fn mocks_are_asked_in_order() {
    let tool = scribe()
        .http("http://localhost:1".replace('1', &crate::support::port().to_string()), |_| "the local one")
        .http(SCRIBE, |request| (request.path() == "/first").then_some("the first"))
        .http_sequence(SCRIBE, [Reply::text("one"), Reply::pass(), Reply::text("two")])
        .http("api.scribe.example:443", |_| "the last")
        .load();
    let fetch = |path: &str| tool.call("fetch", json!({ "url": format!("https://{SCRIBE}{path}") })).text();
    assert_eq!([fetch("/first"), fetch("/"), fetch("/"), fetch("/")], ["the first", "one", "the last", "two"]);
    let message = failure(|| tool.call("fetch", page()));
    assert!(
        message.starts_with(
            "the sequence for `api.scribe.example` has 3 replies, and this is request 4\n\nthe request:\n  | GET https://api.scribe.example/page\n"
        ),
        "{message}"
    );
}

#[test]
fn an_unanswered_request_fails_the_test_even_if_the_tool_ignores_it() {
    let tool = scribe().http("keyed.scribe.example", |_| 200).load();
    let message = failure(|| tool.call("fetch_or_not", json!({ "url": "https://api.scribe.example/page?q=1" })));
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        message,
        format!(
            r#"no mock answers the request `GET https://api.scribe.example/page?q=1`

the request:
  | GET https://api.scribe.example/page?q=1
  | user-agent: mpp/{version}

mocks, in the order asked:
  | the closure for `keyed.scribe.example`: the request is to `api.scribe.example`

help: answer the request with `.http("api.scribe.example", |request| …)`, or add this exchange to a fixture and complete its response:
{{
  "request": {{
    "method": "GET",
    "url": "https://api.scribe.example/page?q=1"
  }},
  "response": {{
    "status": 200,
    "json": {{}}
  }}
}}"#
        )
    );
    // The failure has been reported, so it does not affect the next call.
    tool.call("count", json!({ "by": 1 })).success();
}

#[test]
fn without_mocks_no_network_is_reached() {
    let message = failure(|| crm().load().call("lookup", json!({ "query": "ada" })));
    assert!(
        message.starts_with("no mock answers the request `GET https://api.crm.example/v1/customers?q=ada&limit=10`\n")
    );
    assert!(message.contains("asked:\n  | none\n"), "{message}");
    assert!(message.contains("  | authorization: [masked]\n"), "{message}");
    assert!(message.contains(r#""authorization": "*""#), "{message}");
    assert!(!message.contains("a key for tests"), "{message}");
}

#[test]
fn failures_do_not_contain_values_of_variables() {
    let tool = scribe().load();
    let arguments =
        json!({ "url": "https://api.scribe.example/?token=a%20token%20for%20tests", "text": "a token for tests" });
    let message = failure(|| tool.call("send", arguments));
    assert!(message.contains("POST https://api.scribe.example/?token=${TOKEN}"), "{message}");
    assert!(message.contains("  | [\"${TOKEN}\"]"), "{message}");
    assert!(!message.contains("a token"), "{message}");
}

#[test]
fn a_mock_for_an_undeclared_host_is_refused() {
    let message = failure(|| scribe().http("api.scribe.exampel", |_| 200).load());
    assert_eq!(
        message.lines().next(),
        Some(
            "a mock is for `api.scribe.exampel`, a host that the manifest does not declare; did you mean \
             `api.scribe.example`?"
        )
    );
    let message = failure(|| scribe().http("https://api.scribe.example/page", |_| 200).load());
    assert!(message.starts_with("a mock is for `https://api.scribe.example/page`, which is not a host: "), "{message}");
}

#[test]
fn sent_requests_include_the_headers_of_the_host() {
    let tool = scribe().http("keyed.scribe.example", |_| 201).load();
    let url = "https://keyed.scribe.example/pages";
    tool.call("send", json!({ "url": url, "text": "hello" })).assert_json(201);
    let requests = tool.requests();
    requests
        .assert_count(1)
        .assert_requested("POST", url)
        .assert_header("x-key", "the injected key")
        .assert_header("Content-Type", "application/json")
        .assert_no_header("authorization")
        .assert_json(json!(["hello"]));
    assert_eq!((requests[0].request.host(), requests[0].outcome.clone()), ("keyed.scribe.example", Ok(201)));

    let message = failure(|| requests.assert_requested("GET", url));
    assert_eq!(
        message,
        "the tool did not send the request `GET https://keyed.scribe.example/pages`\n\nrequests that were sent:\n  | POST \
         https://keyed.scribe.example/pages  → 201"
    );
    let message = failure(|| requests.assert_count(2));
    assert!(message.starts_with("expected 2 requests, found 1\n"), "{message}");
    let found = || requests.assert_requested("POST", url);
    let message = failure(|| found().assert_header("content-type", "text/plain"));
    assert!(
        message.starts_with(
            "the header `content-type` is not as expected\nexpected: text/plain\n   found: application/json\n"
        ),
        "{message}"
    );
    let message = failure(|| found().assert_header("x-key", "another key"));
    assert!(
        message.starts_with("the header `x-key` is not as expected\nexpected: another key\n   found: ${KEY}\n"),
        "{message}"
    );
    let message = failure(|| found().assert_json(json!(["goodbye"])));
    assert!(message.starts_with("the body of the request is not as expected\n(- expected, + found)\n  [\n-   \"goodbye\"\n+   \"hello\"\n  ]\n"), "{message}");
}

#[test]
fn redirects_are_checked_before_a_mock_is_asked() {
    let tool = scribe()
        .http(SCRIBE, |request| match request.path() {
            "/page" => Reply::redirect("/moved"),
            "/moved" => "here".into(),
            _ => Reply::redirect("https://elsewhere.example/"),
        })
        .load();
    tool.call("fetch", page()).assert_text("here");
    let away = tool.call("fetch", json!({ "url": "https://api.scribe.example/away" }));
    away.assert_error("capability_denied");
    assert!(away.error().message.starts_with("`api.scribe.example` redirects to `elsewhere.example`"), "{away:?}");
    let urls: Vec<String> = tool.requests().iter().map(|sent| sent.request.url.clone()).collect();
    assert_eq!(urls, ["/page", "/moved", "/away"].map(|path| format!("https://{SCRIBE}{path}")));
}

/// Responds with the path.
#[derive(Debug)]
struct Own;

impl Transport for Own {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut response = Response::default();
        (response.status, response.body) = (200, format!("own: {}", request.path()).into_bytes());
        Ok(response)
    }
}

#[test]
fn a_transport_answers_requests_that_no_mock_answers() {
    let tool =
        scribe().http(SCRIBE, |request| (request.path() == "/mock").then_some("mock")).transport(Arc::new(Own)).load();
    tool.call("fetch", page()).assert_text("own: /page");
    tool.call("fetch", json!({ "url": "https://api.scribe.example/mock" })).assert_text("mock");
    tool.requests().assert_count(2);
}
