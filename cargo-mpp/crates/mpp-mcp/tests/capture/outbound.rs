//! The proxy for a server's own requests records exchanges in the format of fixtures.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use mpp_mcp::capture::OutboundProxy;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::recorder;

/// A server that answers each request with a JSON body.
fn origin() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut client = BufReader::new(client);
            let mut line = String::new();
            while client.read_line(&mut line).unwrap_or(0) > 0 {
                if line.ends_with("\r\n\r\n") {
                    let body = "{\"name\":\"Ada\"}";
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    client.get_mut().write_all(answer.as_bytes()).unwrap();
                    line.clear();
                }
            }
        }
    });
    address
}

#[test]
fn plain_requests_are_recorded_with_secrets_masked() {
    let (recorder, file) = recorder(None);
    let secrets = [("CRM_KEY".to_owned(), "correct-horse".to_owned())];
    let proxy = OutboundProxy::start(secrets, "", &recorder.tap()).unwrap();
    let origin = origin();
    let mut client = BufReader::new(TcpStream::connect(proxy.address()).unwrap());
    for path in ["/v1?key=correct-horse", "/v2"] {
        let request = format!(
            "GET http://{origin}{path} HTTP/1.1\r\nHost: {origin}\r\nAuthorization: Bearer correct-horse\r\n\r\n"
        );
        client.get_mut().write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        while !answer.ends_with("\r\n\r\n") {
            client.read_line(&mut answer).unwrap();
        }
        client.read_exact(&mut [0; 14]).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    // A record is written after its response was passed on; a further connection shows that the last one has ended.
    drop(client);
    while file.text().matches("\"exchange\"").count() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    recorder.finish(None).unwrap();
    assert!(!file.text().contains("correct-horse"), "{}", file.text());
    let exchanges = file.capture().conversation().exchanges;
    assert_eq!(
        exchanges[0]["request"],
        serde_json::json!({"method": "GET", "url": format!("http://{origin}/v1?key=${{CRM_KEY}}")})
    );
    assert_eq!(exchanges[0]["response"]["json"]["name"], "Ada");
}

#[test]
fn the_proxy_shows_a_certificate_of_its_authority_and_reports_who_does_not_accept_it() {
    let (recorder, file) = recorder(None);
    let proxy = OutboundProxy::start([], "", &recorder.tap()).unwrap();
    let connect = |trusts: bool| {
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        stream.write_all(b"CONNECT api.crm.example:443 HTTP/1.1\r\nHost: api.crm.example:443\r\n\r\n").unwrap();
        let mut head = [0; 39];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head[..], b"HTTP/1.1 200 Connection established\r\n\r\n");
        let mut roots = RootCertStore::empty();
        if trusts {
            roots.add(CertificateDer::from_pem_slice(proxy.authority().as_bytes()).unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("api.crm.example").unwrap();
        let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
        stream.write_all(b"\r\n").and_then(|()| stream.flush())
    };
    connect(true).unwrap();
    connect(false).unwrap_err();
    while !file.text().contains("unrecorded") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    recorder.finish(None).unwrap();
    let unrecorded = file.capture().conversation().unrecorded;
    assert!(unrecorded[0].starts_with("api.crm.example: "), "{unrecorded:?}");
}

#[test]
fn a_server_that_cannot_be_reached_is_answered_for_and_reported() {
    let (recorder, file) = recorder(None);
    let proxy = OutboundProxy::start([], "", &recorder.tap()).unwrap();
    // A port on which nobody listens, and that no other test is given.
    let closed = "127.0.0.1:1";
    let mut client = TcpStream::connect(proxy.address()).unwrap();
    client.write_all(format!("GET http://{closed}/ HTTP/1.1\r\nHost: {closed}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("cannot be reached"), "{answer}");
    recorder.finish(None).unwrap();
    assert!(file.capture().conversation().unrecorded[0].starts_with(closed));
}
