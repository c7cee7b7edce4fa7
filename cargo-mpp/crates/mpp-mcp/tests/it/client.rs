//! A client on the other side of a pair of pipes, which speaks raw JSON lines.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use mpp_mcp::{About, stdio};
use serde_json::{Value, json};

use crate::support::Served;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    to_server: Option<PipeWriter>,
    answers: Receiver<String>,
    server: Option<JoinHandle<()>>,
}

impl Client {
    /// Connects without a handshake.
    pub(crate) fn connect(served: &Served) -> Self {
        let (input, to_server) = std::io::pipe().unwrap();
        let (from_server, output) = std::io::pipe().unwrap();
        let bridge = Arc::clone(&served.bridge);
        let about = About::new("test", "1.0.0");
        let server = std::thread::spawn(move || stdio::serve(bridge, about, input, output).unwrap());
        Self { to_server: Some(to_server), answers: lines_of(from_server), server: Some(server) }
    }

    /// Connects and opens a session of protocol version 2025-11-25.
    pub(crate) fn legacy(served: &Served, capabilities: Value) -> Self {
        let mut client = Self::connect(served);
        let info = json!({ "name": "client", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": info });
        let answer = client.request("initialize", "init", &params);
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    /// Sends one line.
    pub(crate) fn send(&mut self, line: &str) {
        self.send_bytes(line.as_bytes());
    }

    /// Sends one line that need not be text.
    pub(crate) fn send_bytes(&mut self, line: &[u8]) {
        let pipe = self.to_server.as_mut().unwrap();
        pipe.write_all(line).unwrap();
        pipe.write_all(b"\n").unwrap();
    }

    /// Returns the next line of the server, as it was sent.
    pub(crate) fn line(&self) -> String {
        self.answers.recv_timeout(PATIENCE).unwrap()
    }

    /// Returns the next message of the server.
    pub(crate) fn next(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Sends a request and returns the next message.
    pub(crate) fn request(&mut self, method: &str, id: &str, params: &Value) -> Value {
        self.start(method, id, params);
        self.next()
    }

    /// Sends a request.
    pub(crate) fn start(&mut self, method: &str, id: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
    }

    /// Calls a tool and returns the result.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request("tools/call", tool, &json!({ "name": tool, "arguments": arguments }));
        assert_eq!(answer["id"], tool, "{answer}");
        answer["result"].clone()
    }

    /// Closes the client's side only. Returns what the server still sends, and the server.
    pub(crate) fn half_close(mut self) -> (Receiver<String>, JoinHandle<()>) {
        self.to_server = None;
        (self.answers, self.server.take().unwrap())
    }

    /// Closes the connection, and asserts that the server sends nothing more until it has ended.
    pub(crate) fn ends_silently(self) {
        let (answers, server) = self.half_close();
        assert_eq!(answers.iter().collect::<Vec<_>>(), [""; 0]);
        server.join().unwrap();
    }

    /// Closes the connection, and waits until the server has ended.
    pub(crate) fn close(mut self) {
        self.to_server = None;
        self.server.take().unwrap().join().unwrap();
    }
}

/// What each request of 2026-07-28 carries.
pub(crate) fn modern(capabilities: Value) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "client", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    })
}

fn lines_of(pipe: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            // The test may have ended.
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
