//! The reverse proxy streams in both directions and records messages, never credentials.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use mpp_host::codes::Coded;
use mpp_mcp::capture::{Answer, HttpProxy, Recorder, Redactor, Target};

use crate::support::{Memory, recorder};

/// An HTTP server that reports each head that it receives, and answers with what `answers` gives it, piece by piece.
fn upstream() -> (SocketAddr, Receiver<String>, Sender<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, received) = channel();
    let (answers, to_send) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut client = BufReader::new(client);
            while let Some((head, body)) = read(&mut client) {
                heads.send(format!("{head}{body}")).unwrap();
                // An empty piece ends the answer.
                while let Ok(piece) = to_send.recv() {
                    if piece.is_empty() {
                        break;
                    }
                    client.get_mut().write_all(&piece).unwrap();
                }
            }
        }
    });
    (address, received, answers)
}

/// Reads a message with a length.
fn read(source: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if source.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    source.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

struct Proxied {
    recorder: Recorder,
    file: Memory,
    client: BufReader<TcpStream>,
    received: Receiver<String>,
    answers: Sender<Vec<u8>>,
}

impl Proxied {
    fn start() -> Self {
        Self::with(None)
    }

    fn with(redactor: Option<Redactor>) -> Self {
        let (address, received, answers) = upstream();
        let (recorder, file) = recorder(redactor);
        let target = Target::parse(&format!("http://{address}/mcp")).unwrap();
        let proxy = HttpProxy::start("127.0.0.1:0".parse().unwrap(), target, "", &recorder.tap()).unwrap();
        let client = BufReader::new(TcpStream::connect(proxy.address()).unwrap());
        Self { recorder, file, client, received, answers }
    }

    fn send(&mut self, host: &str, body: &str) {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer very-secret\r\nCookie: a=very-secret\r\nMcp-Session-Id: s1\r\n\
             Accept-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.client.get_mut().write_all(head.as_bytes()).unwrap();
    }

    fn answer(&self, pieces: &[&str]) {
        pieces.iter().for_each(|piece| self.answers.send(piece.as_bytes().to_vec()).unwrap());
        self.answers.send(Vec::new()).unwrap();
    }

    /// Ends the capture when it has this many entries. A message is recorded after it was passed on.
    fn finish(self, entries: usize) -> Memory {
        while self.file.text().matches("\"at\":").count() < entries {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self.recorder.finish(None).unwrap();
        self.file
    }
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","n":1.50}}"#;

#[test]
fn json_is_passed_on_and_recorded_without_credentials() {
    let mut proxied = Proxied::start();
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"n":1.50}}"#;
    for _ in 0..2 {
        proxied.send("localhost:1234", CALL);
        proxied.answer(&[&format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMcp-Session-Id: s1\r\nSet-Cookie: b=very-secret\r\nContent-Length: {}\r\n\r\n{result}", result.len())]);
        let seen = proxied.received.recv().unwrap();
        assert!(seen.contains("Authorization: Bearer very-secret\r\n") && seen.ends_with(CALL), "{seen}");
        assert!(seen.contains("Host: 127.0.0.1:") && !seen.contains("gzip"), "{seen}");
        let (head, body) = read(&mut proxied.client).unwrap();
        assert!(head.contains("Set-Cookie: b=very-secret\r\n") && body == result, "{head}{body}");
    }
    let file = proxied.finish(4);
    let text = file.text();
    assert!(!text.contains("very-secret"), "{text}");
    assert!(
        text.contains(&format!("\"message\":{CALL},\"http\":{{\"exchange\":1,\"method\":\"POST\",\"path\":\"/mcp\"")),
        "{text}"
    );
    assert!(text.contains("\"exchange\":2,\"status\":200,\"headers\":{\"content-type\":\"application/json\",\"mcp-session-id\":\"s1\"}"), "{text}");
    let calls = file.capture().conversation().calls;
    assert!(calls.len() == 2 && calls.iter().all(|call| matches!(call.answer, Answer::Response(_))), "{calls:?}");
    assert_eq!(file.capture().conversation().oddities, []);
}

#[test]
fn events_arrive_one_by_one_and_are_messages() {
    let mut proxied = Proxied::start();
    proxied.send("127.0.0.1", CALL);
    let event = |json: &str| {
        let event = format!("event: message\ndata: {json}\n\n");
        format!("{:x}\r\n{event}\r\n", event.len())
    };
    let progress = event(r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{}}"#);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    for piece in [head, &progress] {
        proxied.answers.send(piece.as_bytes().to_vec()).unwrap();
    }
    // The first event arrives although the answer has not ended.
    let mut seen = vec![0; head.len() + progress.len()];
    proxied.client.read_exact(&mut seen).unwrap();
    assert!(String::from_utf8(seen).unwrap().ends_with(&progress));
    let last = event(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#) + "0\r\n\r\n";
    proxied.answer(&[&last]);
    let mut seen = vec![0; last.len()];
    proxied.client.read_exact(&mut seen).unwrap();
    assert_eq!(String::from_utf8(seen).unwrap(), last);
    let file = proxied.finish(3);
    let conversation = file.capture().conversation();
    assert!(matches!(conversation.calls[0].answer, Answer::Response(_)), "{}", file.text());
    assert!(
        file.text().contains("notifications/progress\",\"params\":{}},\"http\":{\"exchange\":1,\"status\":200"),
        "{}",
        file.text()
    );
}

#[test]
fn requests_under_a_foreign_name_are_refused() {
    let mut proxied = Proxied::start();
    proxied.send("attacker.example", CALL);
    let (head, body) = read(&mut proxied.client).unwrap();
    assert!(head.starts_with("HTTP/1.1 403 ") && body.contains("does not name this machine"), "{head}{body}");
    assert!(proxied.received.try_recv().is_err());
    assert!(!proxied.finish(0).text().contains("tools/call"));
}

#[test]
fn a_server_that_cannot_be_reached_is_answered_for() {
    // A port on which nobody listens, and that no other test is given.
    let closed = "127.0.0.1:1";
    let (recorder, _) = recorder(None);
    let target = Target::parse(&format!("http://{closed}/mcp")).unwrap();
    let proxy = HttpProxy::start("127.0.0.1:0".parse().unwrap(), target, "", &recorder.tap()).unwrap();
    let mut client = BufReader::new(TcpStream::connect(proxy.address()).unwrap());
    client.get_mut().write_all(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (head, body) = read(&mut client).unwrap();
    assert!(head.starts_with("HTTP/1.1 502 ") && body.starts_with("the server cannot be reached"), "{head}{body}");
}

#[test]
fn other_machines_cannot_reach_the_proxy() {
    let (recorder, _) = recorder(None);
    let target = Target::parse("http://127.0.0.1:1/mcp").unwrap();
    let error = HttpProxy::start("0.0.0.0:0".parse().unwrap(), target, "", &recorder.tap()).unwrap_err();
    assert_eq!(*error.code(), "MPP-M209");
}

#[test]
fn an_answer_that_repeats_a_credential_is_redacted() {
    let mut proxied = Proxied::with(Some(Redactor::new([]).unwrap()));
    proxied.send("localhost", CALL);
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"you are very-secret"}]}}"#;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    proxied.answer(&[&format!("{head}: {}\r\n\r\n{result}", result.len())]);
    assert_eq!(read(&mut proxied.client).unwrap().1, result);
    let text = proxied.finish(2).text();
    assert!(!text.contains("very-secret") && text.contains("you are [REDACTED:env:authorization]"), "{text}");
}

#[test]
fn a_credential_in_the_address_is_redacted() {
    let mut proxied = Proxied::with(Some(Redactor::new([]).unwrap()));
    let head = "POST /mcp?page=2&api_key=correct-horse HTTP/1.1\r\nHost: localhost\r\nContent-Length";
    let request = format!("{head}: {}\r\n\r\n{CALL}", CALL.len());
    proxied.client.get_mut().write_all(request.as_bytes()).unwrap();
    let result = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"correct-horse is not valid"}}"#;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    proxied.answer(&[&format!("{head}: {}\r\n\r\n{result}", result.len())]);
    assert_eq!(read(&mut proxied.client).unwrap().1, result);
    let text = proxied.finish(2).text();
    assert!(!text.contains("correct-horse"), "{text}");
    assert!(text.contains("/mcp?page=2&api_key=[REDACTED:env:api_key]"), "{text}");
    assert!(text.contains("[REDACTED:env:api_key] is not valid"), "{text}");
}
