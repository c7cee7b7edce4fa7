//! Transports that replace the network: they receive checked requests, and can use the real network.

use std::sync::{Arc, Mutex};

use mpp_host::host::FilteredOutput;
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use super::server::Server;
use super::{Ended, Names, answer, call, ended, host, package};
use crate::fixture::failure;

/// A transport that responds with the requested URL.
#[derive(Debug, Default)]
struct StandIn(Mutex<Vec<Request>>);

impl Transport for StandIn {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.lock().unwrap().push(request.clone());
        let body = |body: Vec<u8>| Ok(Response::new(200, body));
        match request.path() {
            "/late" => Err(TransportError::Timeout),
            "/unconnected" => Err(TransportError::ConnectTimeout),
            "/unknown" => Err(TransportError::NoAddress),
            "/refused" => Err(TransportError::Refused),
            "/broken" => Err(TransportError::BrokenOff),
            "/cut" => Err(TransportError::Incomplete),
            "/large" => Err(TransportError::TooLarge),
            "/really-large" => body(vec![b'x'; 16 * 1024 * 1024 + 1]),
            "/gone" => Err(TransportError::Connection("it is gone".to_owned())),
            "/away" => Ok(Response::new(302, "").header("location", "https://evil.example/")),
            _ => body(request.url.into_bytes()),
        }
    }
}

fn send(stand_in: &Arc<StandIn>, url: &str, timeout_ms: Option<u64>) -> FilteredOutput {
    let mut head = json!({ "method": "GET", "url": url });
    if let Some(timeout) = timeout_ms {
        head["timeout_ms"] = Value::from(timeout);
    }
    let package = package(&json!(["api.example.com"]), &head, b"");
    let stand_in: Arc<dyn Transport> = Arc::clone(stand_in) as _;
    call(&host(&Arc::new(Names::default())), &package, |grant| grant.http(stand_in))
}

#[test]
fn a_transport_receives_only_checked_requests() {
    let stand_in = Arc::new(StandIn::default());
    let get = |url: &str| send(&stand_in, url, Some(1000));
    assert_eq!(answer(&get("https://api.example.com/x")).1, "https://api.example.com/x");
    assert_eq!(ended(&get("https://api.example.com/late")), Ended::Timeout);
    assert_eq!(ended(&get("https://api.example.com/gone")), Ended::Connection);
    assert_eq!(ended(&get("https://other.example/x")), Ended::Denied);
    let away = get("https://api.example.com/away");
    assert_eq!(ended(&away), Ended::Denied);
    assert!(away.log().contains("`api.example.com` redirects to `evil.example`"), "{}", away.log());
    let urls: Vec<String> = stand_in.0.lock().unwrap().iter().map(|request| request.url.clone()).collect();
    let expected = ["x", "late", "gone", "away"].map(|path| format!("https://api.example.com/{path}"));
    assert_eq!(urls, expected, "nothing undeclared was sent");
}

#[test]
fn errors_of_a_transport_have_the_messages_of_the_network() {
    for (path, status, words) in [
        ("late", Ended::Timeout, "it did not respond completely in time"),
        ("unconnected", Ended::Timeout, "no connection was established in time"),
        ("unknown", Ended::Connection, "its name has no address"),
        ("refused", Ended::Connection, "it refused the connection"),
        ("broken", Ended::Connection, "it closed the connection"),
        ("cut", Ended::Connection, "it closed the connection before its response was complete"),
        ("large", Ended::TooLarge, "its response exceeds the limit of 16777216 bytes"),
        ("really-large", Ended::TooLarge, "its response exceeds the limit of 16777216 bytes"),
        ("gone", Ended::Connection, "it is gone"),
    ] {
        let output = send(&Arc::default(), &format!("https://api.example.com/{path}"), Some(1000));
        assert_eq!(ended(&output), status, "{path}");
        assert_eq!(output.log(), format!("`api.example.com`: {words}"), "{path}");
    }
}

#[test]
fn time_reported_by_a_transport_counts_against_the_call() {
    let sent = |path: &str, timeout| send(&Arc::default(), &format!("https://api.example.com/{path}"), timeout);
    // Without a timeout, an unanswered request uses up the time of the call, as on the network.
    assert_eq!(failure(&sent("late", None)).0, ErrorKind::Timeout);
    assert_eq!(failure(&sent("late", Some(3_600_000))).0, ErrorKind::Timeout);
    assert_eq!(ended(&sent("late", Some(1000))), Ended::Timeout);
    // This takes ten of the thirty seconds.
    assert_eq!(ended(&sent("unconnected", None)), Ended::Timeout);
}

/// A transport that counts requests and forwards them to the network.
#[derive(Debug, Default)]
struct Counting(Mutex<Vec<Result<u16, String>>>);

impl Transport for Counting {
    fn send(&self, _: Request) -> Result<Response, TransportError> {
        Err(TransportError::Connection("the wire was at hand".to_owned()))
    }

    fn carry(
        &self,
        mut request: Request,
        wire: &dyn Fn() -> Result<Response, TransportError>,
    ) -> Result<Response, TransportError> {
        // The network sends the checked request, even if the transport changes its copy.
        request.url = "https://evil.example/".to_owned();
        let answer = wire();
        let outcome = answer.as_ref().map(|response| response.status).map_err(ToString::to_string);
        self.0.lock().unwrap().push(outcome);
        answer
    }
}

#[test]
fn a_transport_can_use_the_network_and_reports_its_errors() {
    let server = Server::trusted("api.example.com", "from the wire");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let (host, port, counting) = (host(&names), server.port, Arc::new(Counting::default()));
    let send = |port: u16, local: bool| {
        let head = json!({ "method": "GET", "url": format!("https://api.example.com:{port}/page") });
        let package = package(&json!([format!("api.example.com:{port}")]), &head, b"");
        let transport: Arc<dyn Transport> = Arc::clone(&counting) as _;
        call(&host, &package, |grant| grant.allow_local(local).http(transport))
    };
    assert_eq!(answer(&send(port, true)).1, "from the wire");
    assert_eq!(server.requests()[0].path(), "/page");
    let refused = send(port, false);
    assert_eq!(ended(&refused), Ended::Denied);
    assert!(refused.log().contains("whoever runs the tool can allow"), "{}", refused.log());
    assert!(refused.report().accesses.hosts.is_empty(), "nothing was sent");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(ended(&send(free, true)), Ended::Connection);
    let outcomes = counting.0.lock().unwrap().clone();
    assert_eq!(outcomes[0], Ok(200));
    assert_eq!(outcomes[2], Err("it refused the connection".to_owned()));
}
