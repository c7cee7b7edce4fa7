//! The same program as a module and as components: each request ends alike, whether it is sent with `mpp_v1`, `mpp:host` or
//! `wasi:http`.

use std::sync::Arc;

use mpp_host::sandbox::network::NetworkLimits;
use serde_json::{Value, json};

use super::client::{Form, Outcome};
use super::server::{Authority, Server, reply};
use super::{Names, host, host_with};

/// Calls the program in each form, and asserts that the calls end alike and report the same accesses. Returns the outcome of the
/// first.
fn alike(names: &Arc<Names>, network: &Value, arguments: &Value, local: bool) -> Outcome {
    let host = host(names);
    let outputs = Form::ALL.map(|form| form.call(&host, network, arguments, |grant| grant.allow_local(local)));
    let ended = outputs.each_ref().map(|output| {
        let Outcome { ended, status, body, length, .. } = Outcome::of(output);
        let accesses = &output.report().accesses;
        (ended, status, body, length, accesses.hosts.clone(), accesses.refused_hosts.clone())
    });
    for (form, found) in Form::ALL.iter().zip(&ended) {
        assert_eq!(found, &ended[0], "{form:?}: {arguments}\n{}", outputs.each_ref().map(|o| o.json()).join("\n"));
    }
    Outcome::of(&outputs[0])
}

#[test]
fn requests_end_alike_in_each_form() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Arc::new(Names::here(&["api.example.com", "evil.example"]));
    let own = format!("api.example.com:{}", server.port);
    let declared = json!([own]);
    let url = |authority: &str| format!("https://{authority}:{}/", server.port);
    for (what, arguments, expected) in [
        ("a declared host", json!({ "url": url("api.example.com") }), "answered"),
        ("a body", json!({ "method": "POST", "url": url("api.example.com"), "body": "hello" }), "answered"),
        ("another host", json!({ "url": url("evil.example") }), "denied"),
        ("another port", json!({ "url": "https://api.example.com/" }), "denied"),
        ("plain HTTP", json!({ "url": format!("http://{own}/") }), "denied"),
        ("an IPv4 address", json!({ "url": url("127.0.0.1") }), "invalid"),
        ("an IPv6 address", json!({ "url": url("[::1]") }), "invalid"),
        ("another method", json!({ "method": "CONNECT", "url": url("api.example.com") }), "invalid"),
        ("user information", json!({ "url": url("api.example.com@evil.example") }), "invalid"),
    ] {
        assert_eq!(alike(&names, &declared, &arguments, true).ended, expected, "{what}");
    }
    assert_eq!(server.requests().len(), 6, "only the first two arrive, from each form");
}

#[test]
fn private_addresses_are_denied_alike() {
    let server = Server::trusted("api.example.com", "inside");
    for (address, may_be_granted) in [
        ("127.0.0.1", true),
        ("10.0.0.1", true),
        ("192.168.1.1", true),
        ("100.64.0.1", true),
        ("::1", true),
        ("fd12::1", true),
        ("169.254.169.254", false),
        ("169.254.1.1", false),
        ("fd00:ec2::254", false),
        ("::ffff:127.0.0.1", false),
        ("0.0.0.0", false),
    ] {
        let names = Names::default();
        names.add("api.example.com", &[&[address]]);
        let names = Arc::new(names);
        let own = format!("api.example.com:{}", server.port);
        let arguments = json!({ "url": format!("https://{own}/") });
        assert_eq!(alike(&names, &json!([own]), &arguments, false).ended, "denied", "{address}");
        if !may_be_granted {
            assert_eq!(alike(&names, &json!([own]), &arguments, true).ended, "denied", "{address}, granted");
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_redirect_leads_nowhere_else_in_any_form() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |request, out| {
        let port = request.header("host").and_then(|host| host.rsplit_once(':')).map(|(_, port)| port.to_owned());
        let port = port.unwrap_or_default();
        let to = match request.path() {
            "/inside" => return reply(out, "200 OK", "", "inside"),
            "/own" => format!("https://api.example.com:{port}/inside"),
            "/other" => format!("https://inner.example:{port}/"),
            "/metadata" => "https://meta.example/latest".to_owned(),
            "/address" => format!("https://127.0.0.1:{port}/"),
            _ => format!("http://api.example.com:{port}/inside"),
        };
        reply(out, "302 Found", &format!("location: {to}\r\n"), "elsewhere")
    });
    let names = Names::here(&["api.example.com", "inner.example"]);
    names.add("meta.example", &[&["169.254.169.254"]]);
    let names = Arc::new(names);
    let own = format!("api.example.com:{}", server.port);
    let declared = json!([own, "meta.example"]);
    for (path, expected) in
        [("own", "answered"), ("other", "denied"), ("metadata", "denied"), ("address", "invalid"), ("plain", "denied")]
    {
        let arrived = server.requests().len();
        let arguments = json!({ "url": format!("https://{own}/{path}"), "follow": 3 });
        let outcome = alike(&names, &declared, &arguments, true);
        assert_eq!(outcome.ended, expected, "{path}");
        let hops = if path == "own" { 2 } else { 1 };
        assert_eq!(server.requests().len() - arrived, hops * Form::ALL.len(), "{path}");
        // Without following, the redirect is the answer.
        let arguments = json!({ "url": format!("https://{own}/{path}") });
        let outcome = alike(&names, &declared, &arguments, true);
        assert_eq!((outcome.status, outcome.body.as_str()), (302, "elsewhere"), "{path}");
    }
}

#[test]
fn a_body_arrives_as_it_was_written_and_an_answer_as_it_was_sent() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |request, out| {
        let body = request.body.repeat(3);
        reply(out, "201 Created", "x-kind: test\r\nx-kind: twice\r\n", &String::from_utf8(body).unwrap())
    });
    let names = Arc::new(Names::here(&["api.example.com"]));
    let own = format!("api.example.com:{}", server.port);
    // 1 MiB in, in pieces of 4 KiB, and 3 MiB back.
    let piece = "0123456789abcdef".repeat(256);
    let arguments = json!({ "method": "PUT", "url": format!("https://{own}/a?b=c"), "body": piece, "times": 256,
        "headers": [["content-type", "text/plain"], ["x-own", "1"]] });
    let outcome = alike(&names, &json!([own]), &arguments, true);
    assert_eq!((outcome.status, outcome.length), (201, 3 << 20));
    let kinds: Vec<&str> =
        outcome.headers.iter().filter(|(name, _)| name == "x-kind").map(|(_, value)| value.as_str()).collect();
    assert_eq!(kinds, ["test", "twice"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert!(request.head.starts_with("PUT /a?b=c HTTP/1.1\r\n"), "{}", request.head);
        assert_eq!((request.header("x-own"), request.header("content-type")), (Some("1"), Some("text/plain")));
        assert_eq!(request.header("host"), Some(own.as_str()));
        assert_eq!(request.header("content-length"), Some("1048576"));
        assert_eq!(request.body, piece.repeat(256).as_bytes());
    }
    // A part of the answer can be read, and the rest left.
    let arguments = json!({ "method": "PUT", "url": format!("https://{own}/"), "body": "0123456789", "at_most": 7 });
    let outcome = alike(&names, &json!([own]), &arguments, true);
    assert_eq!((outcome.body.as_str(), outcome.length), ("0123456", 7));
}

#[test]
fn a_length_that_the_body_does_not_have_is_an_error_or_is_corrected() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let own = format!("api.example.com:{}", server.port);
    let host = host(&names);
    let arguments = json!({ "method": "POST", "url": format!("https://{own}/"), "body": "hello",
        "headers": [["content-length", "5"]] });
    let output = Form::WasiHttp.call(&host, &json!([own]), &arguments, |grant| grant.allow_local(true));
    assert_eq!(Outcome::of(&output).ended, "answered", "{}", output.json());
    let arguments = json!({ "method": "POST", "url": format!("https://{own}/"), "body": "hello",
        "headers": [["content-length", "50"]] });
    let output = Form::WasiHttp.call(&host, &json!([own]), &arguments, |grant| grant.allow_local(true));
    assert_ne!(Outcome::of(&output).ended, "answered", "{}", output.json());
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].body, b"hello");
}

#[test]
fn the_limits_of_requests_and_answers_are_the_same() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |request, out| match request.path() {
        "/large" => reply(out, "200 OK", "", &"x".repeat(200_000)),
        "/headers" => reply(out, "200 OK", &format!("x-long: {}\r\n", "y".repeat(40_000)), ""),
        "/broken" => {
            let _ = out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
            false
        }
        _ => reply(out, "200 OK", "", "small"),
    });
    let names = Arc::new(Names::here(&["api.example.com"]));
    let mut limits = NetworkLimits::default();
    (limits.request_body, limits.response_body, limits.header_bytes) = (50_000, 100_000, 16_384);
    let host = host_with(&names, limits);
    let own = format!("api.example.com:{}", server.port);
    let url = |path: &str| format!("https://{own}/{path}");
    for (what, arguments, expected) in [
        ("a large answer", json!({ "url": url("large") }), &["too_large"][..]),
        ("large headers", json!({ "url": url("headers") }), &["too_large"]),
        ("an answer that breaks off", json!({ "url": url("broken") }), &["connection"]),
        (
            "a body at the limit",
            json!({ "method": "POST", "url": url(""), "body": "x".repeat(50), "times": 1000 }),
            &["answered"],
        ),
        // A component learns of it when it writes, or when it waits for the answer.
        (
            "a large body",
            json!({ "method": "POST", "url": url(""), "body": "x".repeat(50), "times": 1001 }),
            &["too_large", "body"],
        ),
    ] {
        for form in Form::ALL {
            let output = form.call(&host, &json!([own]), &arguments, |grant| grant.allow_local(true));
            let outcome = Outcome::of(&output);
            assert!(expected.contains(&outcome.ended.as_str()), "{what}, {form:?}: {outcome:?}");
        }
    }
}
