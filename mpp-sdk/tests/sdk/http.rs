//! `mpp::http` with a host of the test: requests, responses, and every kind of failure.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mpp_sdk::abi::native::{HostFunctions, install};
use mpp_sdk::abi::{Answer, Call, Status};
use mpp_sdk::http::{self, ErrorKind};
use mpp_sdk::serde_json::{self, Value, json};

/// A host that gives the same answer to every request, and keeps the requests.
struct Fake {
    answer: Answer,
    asked: Mutex<Vec<Vec<u8>>>,
}

impl HostFunctions for Fake {
    fn call(&self, call: Call<'_>) -> Answer {
        let Call::HttpSend { request } = call else { return Answer::failed(Status::Invalid, "no request") };
        self.asked.lock().unwrap().push(request.to_vec());
        self.answer.clone()
    }
}

/// Sends `request` to a host that gives `answer`. Returns the result, and the head and the body that the host received.
fn send(request: http::Request, answer: Answer) -> (Result<http::Response, http::Error>, Value, Vec<u8>) {
    let fake = Arc::new(Fake { answer, asked: Mutex::default() });
    let _installed = install(Arc::clone(&fake) as _);
    let result = request.send();
    let asked = fake.asked.lock().unwrap();
    let Some(bytes) = asked.first() else { return (result, Value::Null, Vec::new()) };
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    let head = serde_json::from_slice(&bytes[4..4 + length]).unwrap();
    (result, head, bytes[4 + length..].to_vec())
}

fn response(status: u16, headers: Value, body: &[u8]) -> Answer {
    let head =
        json!({ "status": status, "url": "https://api.example.com/v1?token=hidden", "headers": headers }).to_string();
    let mut reply = u32::try_from(head.len()).unwrap().to_le_bytes().to_vec();
    reply.extend_from_slice(head.as_bytes());
    reply.extend_from_slice(body);
    Answer::new(0, reply)
}

fn ok() -> Answer {
    response(200, json!([]), b"")
}

#[test]
fn a_request_is_sent_as_it_was_built() {
    let request = http::post("https://api.example.com/v1?a=b#part")
        .query("q", "ada & co/é")
        .query("limit", 10)
        .header("X-Own", 1.5)
        .bearer_auth("replaced")
        .bearer_auth("token")
        .json(&json!({ "name": "Ada" }))
        .timeout(Duration::from_secs(2))
        .max_redirects(0);
    let debug = format!("{request:?}");
    assert!(debug.contains("api.example.com/v1") && !debug.contains("token") && !debug.contains("ada"), "{debug}");
    let (_, head, body) = send(request, ok());
    assert_eq!(
        head,
        json!({ "method": "POST", "url": "https://api.example.com/v1?a=b&q=ada%20%26%20co%2F%C3%A9&limit=10#part",
            "headers": [["X-Own", "1.5"], ["authorization", "Bearer token"], ["content-type", "application/json"]],
            "timeout_ms": 2000, "redirects": 0 })
    );
    assert_eq!(body, b"{\"name\":\"Ada\"}");
}

#[test]
fn minimal_requests_forms_and_basic_credentials_are_encoded() {
    let (_, head, body) = send(http::get("https://api.example.com"), ok());
    assert_eq!(head, json!({ "method": "GET", "url": "https://api.example.com", "headers": [] }));
    assert!(body.is_empty());
    let request = http::request("PROPFIND", "https://api.example.com/").query("a", "").basic_auth("me", "pass word");
    let (_, head, _) = send(request, ok());
    assert_eq!(head["method"], "PROPFIND");
    assert_eq!(head["url"], "https://api.example.com/?a=");
    assert_eq!(head["headers"], json!([["authorization", "Basic bWU6cGFzcyB3b3Jk"]]));
    let (_, head, body) = send(http::put("https://a.example").form([("a b", "1"), ("c", "&=")]), ok());
    assert_eq!(head["headers"], json!([["content-type", "application/x-www-form-urlencoded"]]));
    assert_eq!(body, b"a%20b=1&c=%26%3D");
    let own = http::patch("https://a.example").header("Content-Type", "application/vnd.api+json").json(&1);
    assert_eq!(send(own, ok()).1["headers"], json!([["Content-Type", "application/vnd.api+json"]]));
    let (_, head, body) = send(http::delete("https://a.example").json(&1).body("plain"), ok());
    assert_eq!((&head["headers"], body.as_slice()), (&json!([]), b"plain".as_slice()));
}

#[test]
fn a_body_that_is_not_json_is_an_error_and_nothing_is_sent() {
    let unwritable = std::collections::BTreeMap::from([([1, 2], 3)]);
    let (result, head, _) = send(http::post("https://a.example").json(&unwritable), ok());
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(head, Value::Null);
}

#[test]
fn a_response_can_be_read_as_bytes_text_or_json() {
    let headers = json!([["content-type", "application/json"], ["x-many", "1"], ["x-many", "2"]]);
    let answer = response(201, headers, b"{\"name\":\"Ada\"}");
    let response = send(http::get("https://a.example"), answer).0.unwrap().error_for_status().unwrap();
    assert_eq!((response.status(), response.header("Content-Type")), (201, Some("application/json")));
    assert_eq!(response.headers().filter(|(name, _)| *name == "x-many").count(), 2);
    assert_eq!(response.header("absent"), None);
    assert_eq!(response.url(), "https://api.example.com/v1?token=hidden");
    assert_eq!(response.json::<Value>().unwrap(), json!({ "name": "Ada" }));
    let error = response.json::<Vec<u8>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.to_string().contains("line 1") && !error.to_string().contains("hidden"), "{error}");
    assert_eq!(response.bytes(), b"{\"name\":\"Ada\"}");
    assert_eq!(response.clone().text().unwrap(), "{\"name\":\"Ada\"}");
    assert_eq!(response.into_bytes().len(), 14);
    let bytes = send(http::get("https://a.example"), self::response(200, json!([]), b"\xff")).0.unwrap();
    assert_eq!(bytes.text().unwrap_err().kind(), ErrorKind::Body);
}

#[test]
fn error_for_status_turns_400_and_above_into_an_error() {
    let answer = response(429, json!([["retry-after", "30"]]), "too\nmany\u{1b} requests".as_bytes());
    let response = send(http::get("https://a.example"), answer).0.unwrap();
    assert_eq!(response.status(), 429);
    let error = response.error_for_status().unwrap_err();
    assert_eq!((error.kind(), error.status(), error.is_retryable()), (ErrorKind::Status, Some(429), true));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    let expected = "`https://api.example.com/v1` answered with status 429: too many  requests";
    assert_eq!(error.to_string(), expected);
    let error = mpp_sdk::Error::from(error);
    assert_eq!((error.code(), error.is_retryable()), ("http_status", true));
    assert_eq!(serde_json::to_value(error.details()).unwrap(), json!({ "status": 429, "retry_after_s": 30 }));
    for (status, retryable) in [(400, false), (404, false), (500, true), (503, true)] {
        let response = send(http::get("https://a.example"), self::response(status, json!([]), b"")).0.unwrap();
        let error = response.error_for_status().unwrap_err();
        assert_eq!((error.is_retryable(), error.retry_after()), (retryable, None), "{status}");
    }
    let long = "x".repeat(10_000);
    let response = send(http::get("https://a.example"), self::response(500, json!([]), long.as_bytes())).0.unwrap();
    assert!(response.error_for_status().unwrap_err().to_string().len() < 300);
}

#[test]
fn every_failure_of_the_host_has_its_kind() {
    for (status, kind, code, retryable) in [
        (Status::Denied, ErrorKind::Denied, "capability_denied", false),
        (Status::Invalid, ErrorKind::Invalid, "http_invalid", false),
        (Status::Timeout, ErrorKind::Timeout, "http_timeout", true),
        (Status::Connection, ErrorKind::Connection, "http_connection", true),
        (Status::TooLarge, ErrorKind::TooLarge, "http_too_large", false),
        (Status::Unavailable, ErrorKind::Unavailable, "http_unavailable", false),
    ] {
        let error = send(http::get("https://a.example"), Answer::failed(status, "what happened")).0.unwrap_err();
        assert_eq!(
            (error.kind(), error.is_retryable(), error.is_denied()),
            (kind, retryable, kind == ErrorKind::Denied)
        );
        let error = mpp_sdk::Error::from(error);
        assert_eq!((error.code(), error.message(), error.is_retryable()), (code, "what happened", retryable));
    }
    for reply in [&b""[..], b"\0\0", b"\xff\xff\xff\xff{}", b"\x02\0\0\0{}", b"\x02\0\0\0[]"] {
        let error = send(http::get("https://a.example"), Answer::new(0, reply)).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}

#[test]
fn requests_without_a_host_explain_where_to_run_the_tool() {
    let error = http::get("https://a.example").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("no host is available in a native build"), "{error}");
}

#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "crm_down", retryable, message = "the CRM did not answer: {0}")]
    Crm(#[from] http::Error),
    #[error(code = "wrapped", message = "it went wrong")]
    Wrapped(#[source] Box<LookupError>),
    #[error(transparent)]
    Other(#[from] mpp_sdk::Error),
}

#[test]
fn a_denial_keeps_its_kind_when_an_author_wraps_it() {
    let failed = |status| send(http::get("https://a.example"), Answer::failed(status, "why")).0.unwrap_err();
    let told = |error: LookupError| {
        let error = mpp_sdk::Error::from(error);
        (error.code().to_owned(), error.message().to_owned(), error.is_retryable())
    };
    let denied = ("capability_denied".to_owned(), "why".to_owned(), false);
    assert_eq!(told(failed(Status::Denied).into()), denied);
    assert_eq!(told(LookupError::Other(failed(Status::Denied).into())), denied);
    let wrapped = |status| told(LookupError::Wrapped(Box::new(failed(status).into())));
    assert_eq!(wrapped(Status::Denied).0, "capability_denied");
    assert_eq!(wrapped(Status::Timeout), ("wrapped".to_owned(), "it went wrong".to_owned(), false));
    let down = ("crm_down".to_owned(), "the CRM did not answer: why".to_owned(), true);
    assert_eq!(told(failed(Status::Timeout).into()), down);
}

/// What a third party says about a rate.
#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
struct Rate {
    currency: String,
    #[serde(alias = "rate")]
    value: f64,
    steps: Vec<Step>,
    of: Source,
}

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
struct Step(u8, Option<Box<Details>>);

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
struct Details {
    by_name: std::collections::BTreeMap<String, Bank>,
}

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
struct Bank {
    id: u8,
}

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
enum Source {
    Bank(Bank),
    Market { name: String },
}

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Push { branch: String },
    Ping,
}

#[test]
fn a_key_that_a_server_adds_is_skipped() {
    let json = |body: &Value| {
        let answer = self::response(200, json!([]), body.to_string().as_bytes());
        send(http::get("https://a.example"), answer).0.unwrap()
    };
    let bank = json!({ "id": 1, "since": 1850 });
    let read: Rate = json(&json!({
        "added": { "x": [1] }, "currency": "EUR", "rate": 1.5, "at": null, "more": [],
        "steps": [[1, null], [2, { "by_name": { "a": bank }, "added": 1 }]],
        "of": { "Market": { "added": 1, "name": "x" } },
    }))
    .json()
    .unwrap();
    let details = Details { by_name: [("a".to_owned(), Bank { id: 1 })].into() };
    let steps = vec![Step(1, None), Step(2, Some(Box::new(details)))];
    let of = Source::Market { name: "x".to_owned() };
    assert_eq!(read, Rate { currency: "EUR".to_owned(), value: 1.5, steps, of });
    assert_eq!(json(&json!({ "Bank": bank })).json::<Source>().unwrap(), Source::Bank(Bank { id: 1 }));
    // The same type is closed for arguments.
    let error = mpp_sdk::ToolRequest::new("x", bank.clone()).parse::<Bank>().unwrap_err();
    assert_eq!(error.message(), "there is no key `since`, expected `id`");
    // A type that is missing a key, or has a wrong one, still fails.
    let error = json(&json!({ "since": 1 })).json::<Bank>().unwrap_err();
    assert!(error.to_string().contains("missing field `id`"), "{error}");
    assert!(json(&bank).json::<Vec<Bank>>().is_err());
    let trailing = self::response(200, json!([]), b"{\"id\":1} x");
    assert!(send(http::get("https://a.example"), trailing).0.unwrap().json::<Bank>().is_err());
}

#[test]
fn an_enum_that_cannot_skip_keys_names_the_option() {
    let answer = self::response(200, json!([]), br#"[{"type":"push","branch":"main","size":1}]"#);
    let error = send(http::get("https://a.example"), answer).0.unwrap().json::<Vec<Event>>().unwrap_err();
    assert!(
        error.to_string().contains("unknown field `size`") && error.to_string().contains("`#[mpp::data(open)]`"),
        "{error}"
    );
    let known = self::response(200, json!([]), br#"[{"type":"push","branch":"main"},{"type":"ping"}]"#);
    let events = send(http::get("https://a.example"), known).0.unwrap().json::<Vec<Event>>().unwrap();
    assert_eq!(events, [Event::Push { branch: "main".to_owned() }, Event::Ping]);
}
