//! Fixtures: matching, order of answers, and refusal of invalid files.

use std::fs;

use serde_json::{Value, json};

use crate::support::{crm, failure, scribe};

/// Writes a fixture with this text to a temporary directory.
fn fixture(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fixture.json");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn exchanges(exchanges: Value) -> String {
    json!({ "exchanges": exchanges }).to_string()
}

#[test]
fn recorded_exchanges_answer() {
    let tool = crm().http_fixture("fixtures/lookup.json").load();
    tool.call("lookup", json!({ "query": "ada" }))
        .assert_at("/0/name", json!("Ada Lovelace"))
        .assert_redacted("/0/email", "email");
    tool.call("lookup", json!({ "query": "nobody" })).assert_error("not_found");
    tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", json!("Ada Lovelace"));
}

#[test]
fn bodies_statuses_and_errors_are_as_recorded() {
    let get = |path: &str| json!({ "method": "get", "url": format!("https://api.scribe.example{path}") });
    let (_dir, path) = fixture(&exchanges(json!([
        { "request": get("/json"), "response": { "status": 200, "json": { "token": "${TOKEN}" } } },
        { "request": get("/text"), "response": { "status": 200, "text": "as it is" } },
        { "request": get("/bytes"), "response": { "status": 200, "base64": "Ynl0ZXM=" } },
        { "request": get("/busy"), "response": { "status": 503, "headers": { "Retry-After": "2" } } },
        { "request": get("/gone"), "response": { "error": "refused" } },
    ])));
    let tool = scribe().http_fixture(path).load();
    let fetch = |path: &str| tool.call("fetch", json!({ "url": format!("https://api.scribe.example{path}") }));
    fetch("/json").assert_text(r#"{"token":"[REDACTED:env:TOKEN]"}"#);
    fetch("/text").assert_text("as it is");
    fetch("/bytes").assert_text("bytes");
    fetch("/busy").assert_error("server_down");
    fetch("/gone")
        .assert_message("the server does not answer as it should: `api.scribe.example`: it refused the connection");
}

#[test]
fn exchanges_for_one_request_answer_in_order() {
    let request = json!({ "method": "GET", "url": "https://api.scribe.example/" });
    let (_dir, path) = fixture(&exchanges(json!([
        { "request": request, "response": { "status": 200, "text": "one" } },
        { "request": request, "response": { "status": 200, "text": "two" } },
    ])));
    let tool = scribe().http_fixture(path).load();
    let fetch = || tool.call("fetch", json!({ "url": "https://api.scribe.example/" })).text();
    assert_eq!([fetch(), fetch(), fetch()], ["one", "two", "two"]);
}

#[test]
fn requests_are_matched_by_url_method_headers_and_body() {
    let (_dir, path) = fixture(&exchanges(json!([{
        "request": { "method": "POST", "url": "https://keyed.scribe.example/pages?a=1", "json": ["hello"],
            "headers": { "x-key": "${KEY}", "content-type": "application/json", "user-agent": "*" } },
        "response": { "status": 201 },
    }])));
    let tool = scribe().http_fixture(&path).load();
    let send = |url: &str, text: &str| tool.call("send", json!({ "url": url, "text": text }));
    send("https://keyed.scribe.example/pages?a=1", "hello").assert_json(201);
    let why = |test: &dyn Fn()| {
        let message = failure(test);
        let line = message
            .lines()
            .skip_while(|line| !line.starts_with("mocks, in the order asked:"))
            .nth(1)
            .unwrap()
            .to_owned();
        line.rsplit_once("`: its `POST https://keyed.scribe.example/pages?a=1` ").unwrap().1.to_owned()
    };
    assert_eq!(why(&|| drop(send("https://keyed.scribe.example/pages?a=2", "hello"))), "has another query");
    assert_eq!(why(&|| drop(send("https://keyed.scribe.example/other", "hello"))), "has another URL");
    assert_eq!(why(&|| drop(send("https://keyed.scribe.example/pages?a=1", "bye"))), "has another body");
    let get = || drop(tool.call("fetch", json!({ "url": "https://keyed.scribe.example/pages?a=1" })));
    assert_eq!(why(&get), "has another method");
}

#[test]
fn invalid_fixtures_are_refused_with_the_pointer() {
    let refused = |text: &str| {
        let (_dir, path) = fixture(text);
        let name = path.display().to_string();
        let message = failure(|| scribe().http_fixture(&path).load());
        let line = message.lines().next().unwrap().to_owned();
        line.replace(&name, "x.json").replacen("the fixture `x.json` is not valid", "", 1)
    };
    let request = r#""request": { "method": "GET", "url": "https://api.scribe.example/" }"#;
    let with = |response: &str| format!(r#"{{ "exchanges": [{{ {request}, "response": {response} }}] }}"#);
    for (text, expected) in [
        ("{".to_owned(), ": not JSON: EOF while parsing an object at line 1 column 1"),
        ("[]".to_owned(), " at `/`: expected an object, found a list"),
        ("{}".to_owned(), " at `/`: `exchanges` is missing"),
        (r#"{ "exchange": [] }"#.to_owned(), " at `/exchange`: unknown key; did you mean `exchanges`?"),
        (
            r#"{ "exchanges": [{ "request": { "metod": "GET" }, "response": { "status": 200 } }] }"#.to_owned(),
            " at `/exchanges/0/request/metod`: unknown key; did you mean `method`?",
        ),
        (with(r#"{ "status": "200" }"#), " at `/exchanges/0/response/status`: expected a number from 100 to 599"),
        (with(r#"{ "status": 1000 }"#), " at `/exchanges/0/response/status`: expected a number from 100 to 599"),
        (with("{}"), " at `/exchanges/0/response`: `status` is missing"),
        (
            with(r#"{ "status": 200, "json": 1, "text": "1" }"#),
            " at `/exchanges/0/response/text`: the body is already given as `json`",
        ),
        (
            with(r#"{ "status": 200, "base64": "?" }"#),
            " at `/exchanges/0/response/base64`: expected base64 with padding",
        ),
        (
            with(r#"{ "status": 200, "headers": { "a/b": 1 } }"#),
            " at `/exchanges/0/response/headers/a~1b`: expected text, found a number",
        ),
        (
            with(r#"{ "error": "timeuot" }"#),
            " at `/exchanges/0/response/error`: `timeuot` is not an error; expected one of `timeout`, `connect_timeout`, \
             `no_address`, `refused`, `broken_off`, `incomplete`, `too_large`; did you mean `timeout`?",
        ),
        (
            with(r#"{ "error": "timeout", "status": 200 }"#),
            " at `/exchanges/0/response/status`: a response with `error` has no other key",
        ),
        (with(r#"{ "status": 200, "status": 201 }"#), " at `/exchanges/0/response/status`: the key occurs twice"),
    ] {
        assert_eq!(refused(&text), expected, "{text}");
    }
    let message = failure(|| scribe().http_fixture("fixtures/none.json").load());
    assert!(message.starts_with("the fixture `fixtures/none.json` cannot be read: "), "{message}");
    assert!(
        message.contains("`.http_record(\"fixtures/none.json\")` records the fixture from a real server"),
        "{message}"
    );
}
