//! Successful exchanges: all kinds of requests over kept connections, HTTP/2 and redirects.

use std::sync::Arc;

use serde_json::json;

use super::server::{Authority, Server, reply};
use super::{Ended, Names, answer, call, ended, get, getter, host, package};
use crate::fixture::Run;

#[test]
fn requests_and_responses_are_transmitted_unchanged() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server =
        Server::start(Some(certificate), |_, out| reply(out, "201 Created", "X-Own: a\r\nx-own: b\r\n", "made"));
    let names = Arc::new(Names::here(&["api.example.com"]));
    let port = server.port;
    let head = json!({
        "method": "POST", "url": format!("https://API.example.com:{port}/v1/a%20b?q=%C3%A9&z#part"),
        "headers": [["X-Key", "one"], ["x-key", "two"], ["content-type", "application/json"]]
    });
    let package = package(&json!([format!("api.example.com:{port}")]), &head, b"{\"a\":1}");
    let output = call(&host(&names), &package, |grant| grant.allow_local(true));
    let (head, body) = answer(&output);
    assert_eq!((&head["status"], body.as_str()), (&json!(201), "made"));
    assert_eq!(head["url"], format!("https://api.example.com:{port}/v1/a%20b?q=%C3%A9&z"));
    assert_eq!(head["headers"], json!([["content-length", "4"], ["x-own", "a"], ["x-own", "b"]]));
    let received = &server.requests()[0];
    assert!(received.head.starts_with("POST /v1/a%20b?q=%C3%A9&z HTTP/1.1\r\n"), "{}", received.head);
    assert_eq!(received.header("host"), Some(format!("api.example.com:{port}").as_str()));
    assert_eq!(received.header("content-length"), Some("7"));
    assert!(received.header("user-agent").unwrap().starts_with("mpp/"));
    assert!(received.head.contains("x-key: one\r\n") && received.head.contains("x-key: two\r\n"), "{}", received.head);
    assert_eq!(received.body, b"{\"a\":1}");
    let touched = &output.report().accesses;
    assert_eq!(touched.hosts.iter().collect::<Vec<_>>(), [&format!("api.example.com:{port}")]);
    assert!(touched.refused_hosts.is_empty());
}

#[test]
fn only_calls_of_the_same_tool_share_connections() {
    let server = Server::trusted("api.example.com", "ok");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let host = host(&names);
    let (port, network) = (server.port, json!([format!("api.example.com:{}", server.port)]));
    let tool = getter(&host, &network, &format!("https://api.example.com:{port}/"));
    for _ in 0..20 {
        assert_eq!(answer(&tool.call("run", "{}")).1, "ok");
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 20));
    assert_eq!(names.asked().len(), 1, "a kept connection needs no name");
    let other = getter(&host, &network, &format!("https://api.example.com:{port}/other"));
    assert_eq!(answer(&other.call("run", "{}")).1, "ok");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_closed_is_replaced() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |_, out| {
        reply(out, "200 OK", "connection: close\r\n", "once");
        false
    });
    let names = Arc::new(Names::here(&["api.example.com"]));
    let port = server.port;
    let url = format!("https://api.example.com:{port}/");
    let tool = getter(&host(&names), &json!([format!("api.example.com:{port}")]), &url);
    for _ in 0..3 {
        assert_eq!(answer(&tool.call("run", "{}")).1, "once");
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn an_idle_connection_that_the_server_closed_is_replaced() {
    for certificate in [Some(Authority::trusted().certificate("api.example.com", 2999)), None] {
        let scheme = if certificate.is_some() { "https" } else { "http" };
        // The server promises to keep the connection, but closes it.
        let server = Server::start(certificate, |_, out| {
            reply(out, "200 OK", "", "once");
            false
        });
        let names = Arc::new(Names::here(&["api.example.com"]));
        let own = format!("api.example.com:{}", server.port);
        let declared = if scheme == "http" { format!("http://{own}") } else { own.clone() };
        let tool = getter(&host(&names), &json!([declared]), &format!("{scheme}://{own}/"));
        for round in 1..=3 {
            assert_eq!(answer(&tool.call("run", "{}")).1, "once");
            server.wait_closed(round);
        }
        assert_eq!(server.connections(), 3);
    }
}

#[test]
fn many_threads_and_async_tasks_can_send_requests() {
    let server = Server::trusted("api.example.com", "ok");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let (host, own) = (host(&names), format!("api.example.com:{}", server.port));
    let tool = getter(&host, &json!([own]), &format!("https://{own}/"));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..10).for_each(|_| assert_eq!(answer(&tool.call("run", "{}")).1, "ok")));
        }
    });
    // An embedder with its own runtime. The host can also be dropped inside it.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move {
        assert_eq!(answer(&tool.call("run", "{}")).1, "ok");
        drop((tool, host));
    });
    assert_eq!(server.requests().len(), 61);
    // A thread that starts a connection can get a free one before its own is ready.
    assert!(server.connections() <= 12, "{} connections", server.connections());
}

#[test]
fn a_tool_with_files_can_send_requests() {
    let server = Server::trusted("api.example.com", "ok");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let own = format!("api.example.com:{}", server.port);
    let files = tempfile::tempdir().unwrap();
    let package = package(&json!([own]), &json!({ "method": "GET", "url": format!("https://{own}/") }), b"")
        .set("/capabilities/filesystem", json!({ "read": ["/data"] }));
    let tool = package.granted(&host(&names), |grant| grant.allow_local(true).dir("/data", files.path()));
    for _ in 0..3 {
        assert_eq!(answer(&tool.call("run", "{}")).1, "ok");
    }
    assert_eq!(server.connections(), 1, "kept from call to call as well");
}

#[test]
fn http_2_is_used_if_the_server_supports_it() {
    let server = Server::start_h2(Authority::trusted().certificate("api.example.com", 2999), "two");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let port = server.port;
    let url = format!("https://api.example.com:{port}/");
    let tool = getter(&host(&names), &json!([format!("api.example.com:{port}")]), &url);
    assert_eq!(answer(&tool.call("run", "{}")).1, "two");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(answer(&tool.call("run", "{}")).1, "two"));
        }
    });
    assert_eq!(server.connections(), 1);
}

#[test]
fn plain_http_works_if_it_is_declared() {
    let server = Server::start(None, |_, out| reply(out, "200 OK", "", "plain"));
    let names = Arc::new(Names::here(&["plain.example"]));
    let url = format!("http://plain.example:{}/", server.port);
    let output = get(&host(&names), &json!([format!("http://plain.example:{}", server.port)]), &url);
    assert_eq!(answer(&output).1, "plain");
}

#[test]
fn the_next_address_is_tried_if_one_does_not_respond() {
    let server = Server::trusted("api.example.com", "second");
    let names = Names::default();
    // Nobody listens on the port of the first address, because these servers listen on 127.0.0.1 only.
    names.add("api.example.com", &[&["127.0.0.2", "127.0.0.1"]]);
    let port = server.port;
    let url = format!("https://api.example.com:{port}/");
    let output = get(&host(&Arc::new(names)), &json!([format!("api.example.com:{port}")]), &url);
    assert_eq!(answer(&output).1, "second");
}

#[test]
fn redirects_are_followed_with_the_standard_method() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |request, out| match request.path() {
        "/end" => reply(out, "200 OK", "", "end"),
        path => {
            let status = format!("{} Moved", &path[1..4]);
            reply(out, &status, "location: ../end#part\r\n", "elsewhere")
        }
    });
    let names = Arc::new(Names::here(&["api.example.com"]));
    let (host, port) = (host(&names), server.port);
    for (status, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let head = json!({ "method": "POST", "url": format!("https://api.example.com:{port}/{status}"),
            "headers": [["authorization", "Bearer own"], ["content-type", "text/plain"]] });
        let package = package(&json!([format!("api.example.com:{port}")]), &head, b"body");
        let output = call(&host, &package, |grant| grant.allow_local(true));
        let (head, body) = answer(&output);
        assert_eq!(
            (head["url"].as_str().unwrap(), body.as_str()),
            (format!("https://api.example.com:{port}/end").as_str(), "end")
        );
        let last = server.requests().pop().unwrap();
        assert!(last.head.starts_with(&format!("{method} /end ")), "{status}: {}", last.head);
        assert_eq!(last.header("authorization"), Some("Bearer own"), "the same origin");
        assert_eq!(last.body.is_empty(), method == "GET");
        assert_eq!(last.header("content-type").is_some(), method == "POST");
    }
}

#[test]
fn redirects_can_be_disabled_and_loops_end() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server =
        Server::start(Some(certificate), |_, out| reply(out, "302 Found", "location: /again\r\n", "elsewhere"));
    let names = Arc::new(Names::here(&["api.example.com"]));
    let (host, port) = (host(&names), server.port);
    let with = |redirects: u32| {
        let url = format!("https://api.example.com:{port}/");
        let head = json!({ "method": "GET", "url": url, "redirects": redirects });
        let package = package(&json!([format!("api.example.com:{port}")]), &head, b"");
        call(&host, &package, |grant| grant.allow_local(true))
    };
    let (head, body) = answer(&with(0));
    assert_eq!((&head["status"], body.as_str()), (&json!(302), "elsewhere"));
    assert_eq!(server.requests().len(), 1);
    let output = with(3);
    assert_eq!(ended(&output), Ended::Invalid);
    assert!(output.log().contains("after 3 redirects"), "{}", output.log());
    assert_eq!(server.requests().len(), 1 + 4);
    assert_eq!(ended(&with(4_000_000)), Ended::Invalid, "more than ten are never followed");
    assert_eq!(server.requests().len(), 1 + 4 + 11);
}
