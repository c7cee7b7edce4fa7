//! Credentials that the host adds: the server receives them, the tool does not, and redirects to another host drop
//! them.

use std::sync::Arc;

use mpp_host::codes::Coded as _;
use mpp_host::host::{Grant, GrantError};
use serde_json::json;

use super::server::{Authority, Server, reply};
use super::{Ended, Names, answer, call, ended, host, package, sends};
use crate::fixture::{Run, content, module, sample};

const KEY: &str = "correct-horse-battery";

#[test]
fn an_injected_key_reaches_the_server_and_its_echo_is_redacted() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |request, out| reply(out, "200 OK", "", &request.head));
    let names = Arc::new(Names::here(&["api.example.com"]));
    let port = server.port;
    let head = json!({ "method": "GET", "url": format!("https://api.example.com:{port}/"),
        "headers": [["Authorization", "Bearer of the tool's own"]] });
    let network =
        json!([{ "host": format!("api.example.com:{port}"), "inject": { "authorization": "Bearer ${API_KEY}" } }]);
    let package =
        sample(sends(&head, b"")).set("/capabilities", json!({ "network": network, "env_vars": ["API_KEY"] }));
    let output = call(&host(&names), &package, |grant| grant.allow_local(true).env("API_KEY", format!("{KEY}\n")));
    let received = &server.requests()[0];
    assert_eq!(received.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(received.head.matches("uthorization").count(), 1, "the tool's own is replaced");
    let (_, body) = answer(&output);
    assert!(body.contains("authorization: Bearer [REDACTED:env:API_KEY]"), "{body}");
    assert!(!output.log().contains(KEY) && !output.json().contains(KEY));
}

#[test]
fn an_injected_variable_is_not_in_the_environment_of_the_tool() {
    let body = "
      (drop (call $environ_sizes_get (i32.const 4096) (i32.const 4100)))
      (call $answer_number (i32.load (i32.const 4096)))";
    let network = json!([{ "host": "api.example.com", "inject": { "x-key": "${API_KEY}" } }]);
    let package =
        |variables| sample(module("", body)).set("/capabilities", json!({ "network": network, "env_vars": variables }));
    let host = host(&Arc::new(Names::default()));
    let output = call(&host, &package(json!(["API_KEY"])), |grant| grant.env("API_KEY", KEY));
    assert_eq!(content(&output), "000");
    let both = package(json!(["API_KEY", "MODE"]));
    let output = call(&host, &both, |grant| grant.env("API_KEY", KEY).env("MODE", "quick"));
    assert_eq!(content(&output), "001");
}

#[test]
fn credentials_do_not_cross_a_redirect_to_another_host() {
    let other = Server::trusted("other.example", "other");
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let to = other.port;
    let server = Server::start(Some(certificate), move |request, out| match request.path() {
        "/own" => reply(out, "200 OK", "", "own"),
        "/stay" => reply(out, "307 Moved", "location: /own\r\n", ""),
        _ => reply(out, "307 Moved", &format!("location: https://other.example:{to}/\r\n"), ""),
    });
    let names = Arc::new(Names::here(&["api.example.com", "other.example"]));
    let (host, port) = (host(&names), server.port);
    let network = json!([
        { "host": format!("api.example.com:{port}"), "inject": { "x-injected": "${API_KEY}" } },
        { "host": format!("other.example:{to}"), "inject": { "x-others": "${API_KEY}" } },
    ]);
    let run = |path: &str| {
        let headers =
            json!([["authorization", "Bearer own"], ["cookie", "a=b"], ["x-api-key", "own"], ["accept", "*/*"]]);
        let head =
            json!({ "method": "GET", "url": format!("https://api.example.com:{port}{path}"), "headers": headers });
        let package =
            sample(sends(&head, b"")).set("/capabilities", json!({ "network": network, "env_vars": ["API_KEY"] }));
        call(&host, &package, |grant| grant.allow_local(true).env("API_KEY", KEY))
    };
    assert_eq!(answer(&run("/away")).1, "other");
    let crossed = &other.requests()[0];
    for name in ["authorization", "cookie", "x-api-key", "x-injected", "x-others"] {
        assert_eq!(crossed.header(name), None, "{name}");
    }
    assert_eq!(crossed.header("accept"), Some("*/*"));
    assert_eq!(answer(&run("/stay")).1, "own");
    let stayed = server.requests().pop().unwrap();
    assert_eq!((stayed.path(), stayed.header("x-injected")), ("/own", Some(KEY)), "the same origin keeps them");
    assert_eq!(stayed.header("authorization"), Some("Bearer own"));
}

#[test]
fn missing_variables_of_a_header_are_named_before_the_tool_runs() {
    let network = json!([{ "host": "api.example.com", "inject": { "x-key": "${API_KEY}" } }]);
    let package = package(&network, &json!({ "method": "GET", "url": "https://api.example.com/" }), b"")
        .set("/capabilities/env_vars", json!(["API_KEY"]));
    let host = host(&Arc::new(Names::default()));
    let (loaded, decided) = package.load(&host);
    let grant = |change: &dyn Fn(Grant) -> Grant| loaded.grant(change(decided.grant())).err().unwrap();
    // Without variables, a header cannot be made.
    for missing in [grant(&|grant| grant), grant(&Grant::without_env)] {
        assert!(matches!(&missing, GrantError::VariablesMissing { names } if names == &["API_KEY"]), "{missing:?}");
    }
    let unusable = grant(&|grant| grant.env("API_KEY", "two\r\nlines: here"));
    assert!(matches!(&unusable, GrantError::HeaderUnusable { header, .. } if header == "x-key"), "{unusable:?}");
    assert!(mpp_host::codes::find(unusable.code().id).is_some());
    let output = call(&host, &package, |grant| grant.env("API_KEY", KEY));
    assert_eq!(ended(&output), Ended::Connection, "nobody knows the name here");
}
