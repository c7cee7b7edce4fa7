//! The server over streamable HTTP, and what it refuses.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use mpp_mcp::About;
use mpp_mcp::http::{HttpError, HttpOptions, HttpServer, StopHandle};
use serde_json::{Value, json};

use crate::client::{Client, modern};
use crate::support::{Gate, Sample, Served, tool};

const LIST: &str =
    r#"{"content":[],"structuredContent":[12345678901234567890.123456789,"ada@example.com"],"isError":false}"#;

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: StopHandle,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(served: &Served, configure: impl FnOnce(&mut HttpOptions)) -> Self {
        let mut options = HttpOptions::new("127.0.0.1:0".parse().unwrap());
        configure(&mut options);
        let server = HttpServer::bind(options).unwrap();
        let (address, stop) = (server.address(), server.stop_handle());
        let bridge = Arc::clone(&served.bridge);
        let thread = std::thread::spawn(move || server.run(bridge, About::new("test", "1.0.0")));
        Self { address, stop, thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends a request and returns the status, the headers and the start of the body.
    fn send(&self, head: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        // A server that refuses a body need not read it to the end.
        let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        Answer::read(stream)
    }

    /// Posts a message with these additional headers.
    pub(crate) fn post(&self, headers: &str, message: &Value) -> Answer {
        self.post_text(headers, &message.to_string())
    }

    fn post_text(&self, headers: &str, message: &str) -> Answer {
        let host = self.address;
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{headers}Connection: close"
        );
        self.send(&head, message)
    }

    /// Calls a tool in protocol version 2026-07-28.
    pub(crate) fn call(&self, more: &str, name: &str, meta: Value) -> Answer {
        let headers =
            format!("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {name}\r\n{more}");
        let params = json!({ "name": name, "arguments": {}, "_meta": meta });
        self.post(&headers, &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: BufReader<TcpStream>,
}

impl Answer {
    fn read(stream: TcpStream) -> Self {
        let mut body = BufReader::new(stream);
        let mut line = String::new();
        body.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            line.clear();
            body.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        Self { status, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(mut self) -> String {
        let mut text = String::new();
        self.body.read_to_string(&mut text).unwrap();
        text
    }

    /// Returns the next message of an event stream.
    pub(crate) fn event(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.body.read_line(&mut line).unwrap() > 0, "the stream ended");
            // An event without data only says from where the stream can be resumed.
            if let Some(data) = line.strip_prefix("data:").map(str::trim).filter(|data| !data.is_empty()) {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}

/// A session of protocol version 2025-11-25 over HTTP.
pub(crate) struct Session<'a> {
    running: &'a Running,
    header: String,
}

impl<'a> Session<'a> {
    pub(crate) fn open(running: &'a Running, capabilities: Value) -> Self {
        let info = json!({ "name": "client", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": info });
        let mut opened =
            running.post("", &json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }));
        let header = format!("Mcp-Session-Id: {}\r\n", opened.header("mcp-session-id").unwrap());
        opened.event();
        let mut session = Self { running, header };
        session.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        session
    }

    pub(crate) fn send(&mut self, message: &Value) {
        assert_eq!(self.running.post(&self.header, message).status, 202);
    }

    /// Sends a message as it is.
    pub(crate) fn send_text(&self, message: &str) -> Answer {
        self.running.post_text(&self.header, message)
    }

    pub(crate) fn call(&mut self, tool: &str, meta: Value) -> Answer {
        let params = json!({ "name": tool, "arguments": {}, "_meta": meta });
        self.running.post(&self.header, &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }))
    }
}

fn served() -> Served {
    Served::new(vec![Sample::answering("list", LIST)])
}

#[test]
fn a_call_has_the_same_result_as_over_stdio() {
    let served = served();
    let running = Running::start(&served, |_| {});
    let mut client = Client::connect(&served);
    client.send(
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "say", "arguments": {}, "_meta": modern(json!({})) } })
            .to_string(),
    );
    let over_stdio = client.line();
    let direct = running.call("", "say", modern(json!({})));
    assert_eq!((direct.status, direct.header("content-type")), (200, Some("application/json")));
    assert_eq!(direct.text(), over_stdio);
    // Through the protocol library, whose numbers have 64 bits.
    let mut meta = modern(json!({}));
    meta["progressToken"] = json!(1);
    assert_eq!(running.call("", "say", meta).text(), over_stdio);
}

#[test]
fn numbers_keep_every_digit_in_a_session_of_an_earlier_version() {
    let served = served();
    let running = Running::start(&served, |_| {});
    let mut session = Session::open(&running, json!({}));
    let answer = session.call("say", json!({})).text();
    let structured = r#""structuredContent":{"result":[12345678901234567890.123456789,"[REDACTED:email]"]}"#;
    assert!(answer.contains(structured), "{answer}");
}

#[test]
fn a_session_of_an_earlier_version_is_asked_during_a_call() {
    let served = Served::new(vec![Sample::answering("disk", LIST)]);
    let running = Running::start(&served, |_| {});
    let info = json!({ "name": "client", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": info });
    let mut opened = running.post("", &json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }));
    assert_eq!(opened.status, 200);
    let session = format!("Mcp-Session-Id: {}\r\n", opened.header("mcp-session-id").unwrap());
    assert_eq!(opened.event()["result"]["protocolVersion"], "2025-11-25");
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(running.post(&session, &initialized).status, 202);
    let params = json!({ "name": "erase", "arguments": {} });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let mut answer = running.post(&session, &call);
    let question = answer.event();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let accept = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": {} } });
    assert_eq!(running.post(&session, &accept).status, 202);
    assert_eq!(answer.event()["result"]["isError"], false);
}

#[test]
fn a_client_that_goes_away_ends_its_call() {
    let gate = Gate::new();
    let served = Served::new(vec![Sample::waiting("slow", &gate, "done").tools(json!([tool("run", "low")]))]);
    let running = Running::start(&served, |_| {});
    let params = json!({ "name": "run", "arguments": {}, "_meta": modern(json!({})) });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let mut stream = running.connect();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: run",
        running.address
    );
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    gate.wait_until_running();
    drop(stream);
    // With the client gone, the call does not wait for a minute.
    served.wait_for(1, "cancelled");
    assert_eq!(served.audited(), ["cancelled"]);
}

#[test]
fn requests_that_may_come_from_a_web_page_are_refused() {
    let served = served();
    let running = Running::start(&served, |options| options.origins.push("http://localhost:*".to_owned()));
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": modern(json!({})) } });
    let headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
    assert_eq!(running.post(headers, &list).status, 200);
    assert_eq!(running.post(&format!("{headers}Origin: https://evil.example\r\n"), &list).status, 403);
    assert_eq!(running.post(&format!("{headers}Origin: http://localhost:3000\r\n"), &list).status, 200);
    let own = Running::start(&served, |_| {});
    assert_eq!(own.post(&format!("{headers}Origin: http://localhost:3000\r\n"), &list).status, 403);
    assert_eq!(own.post(&format!("{headers}Origin: http://{}\r\n", own.address), &list).status, 200);
    assert_eq!(running.call("Origin: https://evil.example\r\n", "say", modern(json!({}))).status, 403);
    let head = "POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nConnection: close";
    assert_eq!(running.send(head, &list.to_string()).status, 403);
    let elsewhere = format!("GET /other HTTP/1.1\r\nHost: {}\r\nConnection: close", running.address);
    assert_eq!(running.send(&elsewhere, "").status, 404);
}

#[test]
fn a_token_is_required_where_one_is_set() {
    let served = served();
    let running = Running::start(&served, |options| options.token = Some("correct horse battery".to_owned()));
    let refused = running.call("", "say", modern(json!({})));
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
    for wrong in ["Bearer wrong", "Basic correct horse battery", "Bearer"] {
        assert_eq!(
            running.call(&format!("Authorization: {wrong}\r\n"), "say", modern(json!({}))).status,
            401,
            "{wrong}"
        );
    }
    let right = "Authorization: bearer correct horse battery\r\n";
    assert_eq!(running.call(right, "say", modern(json!({}))).status, 200);
}

#[test]
fn an_unsafe_server_does_not_start() {
    let open = HttpOptions::new("0.0.0.0:0".parse().unwrap());
    assert!(matches!(HttpServer::bind(open.clone()), Err(HttpError::NoToken { .. })));
    let mut weak = open;
    weak.token = Some("short".to_owned());
    assert!(matches!(HttpServer::bind(weak), Err(HttpError::ShortToken { found: 5, .. })));
    let first = HttpServer::bind(HttpOptions::new("127.0.0.1:0".parse().unwrap())).unwrap();
    let second = HttpServer::bind(HttpOptions::new(first.address()));
    assert!(matches!(second, Err(HttpError::Listen { .. })));
}

#[test]
fn bodies_that_are_too_long_or_no_json_are_refused() {
    let served = served();
    let running = Running::start(&served, |_| {});
    let long = json!({ "jsonrpc": "2.0", "id": 1, "method": "x".repeat(5 * 1024 * 1024) });
    assert_eq!(running.post("", &long).status, 413);
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close",
        running.address
    );
    for (body, code) in [("{\"jsonrpc\":", -32700), ("[]", -32600), ("{\"id\":7,\"method\":\"ping\"}", -32600)] {
        let broken = running.send(&head, body);
        assert_eq!((broken.status, broken.header("content-type")), (400, Some("application/json")), "{body}");
        let answer: Value = serde_json::from_str(&broken.text()).unwrap();
        assert_eq!(answer["error"]["code"], code, "{body}: {answer}");
    }
    assert_eq!(running.call("", "say", modern(json!({}))).status, 200);
}
