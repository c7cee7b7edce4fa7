//! Servers that misbehave: each request ends in time with the matching status.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use mpp_host::sandbox::network::NetworkLimits;
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use super::server::{Authority, Received, Server};
use super::{Ended, Names, answer, call, ended, host_with, package};
use crate::fixture::failure;

/// Returns the output of a tool that sends a request, with a timeout of one second, to a server that answers like this.
fn against(answer: impl Fn(&Received, &mut dyn Write) -> bool + Send + Sync + 'static) -> (Ended, String) {
    let output = output_of(answer, Some(1000), 20_000);
    (ended(&output), output.log().to_owned())
}

fn output_of(
    answer: impl Fn(&Received, &mut dyn Write) -> bool + Send + Sync + 'static,
    own_timeout: Option<u64>,
    call_timeout: u64,
) -> mpp_host::host::FilteredOutput {
    let server = Server::start(Some(Authority::trusted().certificate("api.example.com", 2999)), answer);
    let names = Arc::new(Names::here(&["api.example.com"]));
    let mut limits = NetworkLimits::default();
    limits.response_body = 64 * 1024;
    limits.header_bytes = 16 * 1024;
    let port = server.port;
    let mut head = json!({ "method": "GET", "url": format!("https://api.example.com:{port}/") });
    if let Some(timeout) = own_timeout {
        head["timeout_ms"] = Value::from(timeout);
    }
    let package = package(&json!([format!("api.example.com:{port}")]), &head, b"");
    let package = package.set("/runtime/timeout_ms", json!(call_timeout));
    call(&host_with(&names, limits), &package, |grant| grant.allow_local(true))
}

fn write(out: &mut dyn Write, bytes: &[u8]) -> bool {
    out.write_all(bytes).and_then(|()| out.flush()).is_ok()
}

#[test]
fn a_response_that_never_ends_is_too_large() {
    let (ended, log) = against(|_, out| {
        write(out, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while write(out, format!("1000\r\n{}\r\n", "x".repeat(0x1000)).as_bytes()) {}
        false
    });
    assert_eq!(ended, Ended::TooLarge, "{log}");
    let (ended, log) = against(|_, out| {
        write(out, b"HTTP/1.1 200 OK\r\n\r\n");
        while write(out, &[b'x'; 4096]) {}
        false
    });
    assert_eq!(ended, Ended::TooLarge, "{log}");
}

#[test]
fn a_content_length_over_the_limit_is_refused_before_the_body() {
    let (ended, log) = against(|_, out| write(out, b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"));
    assert_eq!(ended, Ended::TooLarge, "{log}");
}

#[test]
fn a_wrong_content_length_is_an_error_or_truncates_the_body() {
    let (ended, log) = against(|_, out| {
        write(out, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort");
        false
    });
    assert_eq!(ended, Ended::Connection, "{log}");
    // Bytes beyond the content length are not part of a response, and the connection is not used again.
    let output =
        output_of(|_, out| write(out, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlongerHTTP/1.1 200"), None, 20_000);
    assert_eq!(answer(&output).1, "longe");
    for twice in ["content-length: 5\r\ncontent-length: 6", "content-length: -1", "content-length: 5, 6"] {
        let message = format!("HTTP/1.1 200 OK\r\n{twice}\r\n\r\nlonger");
        let (ended, log) = against(move |_, out| write(out, message.as_bytes()));
        assert_eq!(ended, Ended::Connection, "{twice}: {log}");
    }
}

#[test]
fn endless_headers_and_invalid_http_are_refused() {
    let (ended, log) = against(|_, out| {
        write(out, b"HTTP/1.1 200 OK\r\n");
        while write(out, b"x-more: and more\r\n") {}
        false
    });
    assert_eq!(ended, Ended::TooLarge, "{log}");
    let (ended, log) = against(|_, out| {
        write(out, b"SSH-2.0-nothing to see here\r\n\r\n");
        false
    });
    assert_eq!(ended, Ended::Connection, "{log}");
    let (ended, log) = against(|_, _| false);
    assert_eq!(ended, Ended::Connection, "{log}");
}

#[test]
fn a_slow_response_ends_at_the_timeout_of_the_request() {
    let drip = |_: &Received, out: &mut dyn Write| {
        write(out, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        while write(out, b"x") {
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    };
    let output = output_of(drip, Some(200), 20_000);
    assert_eq!(ended(&output), Ended::Timeout, "{}", output.log());
    assert!(output.log().contains("in time"), "{}", output.log());
    // Without a timeout, or with a longer one, the request ends with the call.
    for own in [None, Some(3_600_000)] {
        let output = output_of(drip, own, 300);
        assert_eq!(failure(&output).0, ErrorKind::Timeout, "{}", output.json());
    }
}

#[test]
fn silent_and_chattering_servers_end_at_the_timeout() {
    let output = output_of(
        |_, _| {
            std::thread::sleep(Duration::from_secs(30));
            false
        },
        Some(200),
        20_000,
    );
    assert_eq!(ended(&output), Ended::Timeout);
    let output = output_of(
        |_, out| {
            while write(out, b"HTTP/1.1 100 Continue\r\n\r\n") {
                std::thread::sleep(Duration::from_millis(1));
            }
            false
        },
        Some(200),
        20_000,
    );
    assert_eq!(ended(&output), Ended::Timeout);
}

#[test]
fn a_closed_port_is_a_failed_connection() {
    let names = Arc::new(Names::here(&["api.example.com"]));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = super::host(&names);
    let output =
        super::get(&host, &json!([format!("api.example.com:{free}")]), &format!("https://api.example.com:{free}/"));
    assert_eq!(ended(&output), Ended::Connection);
    assert!(output.log().contains("refused the connection"), "{}", output.log());
}
