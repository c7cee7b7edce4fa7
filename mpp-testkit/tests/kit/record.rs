//! Recording of fixtures: requests to a real server, a file without secrets, and the same answers from the file.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{failure, listener, port, scribe};

/// Number of requests that the server has received.
static SERVED: AtomicUsize = AtomicUsize::new(0);

/// Starts a server on this machine. Its responses contain the token that it receives.
fn serve() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        std::thread::spawn(|| {
            for stream in listener().incoming() {
                let mut stream = stream.unwrap();
                let (mut head, mut line) = (Vec::new(), String::new());
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while reader.read_line(&mut line).unwrap() > 2 {
                    head.push(std::mem::take(&mut line));
                }
                let path = head[0].split(' ').nth(1).unwrap().to_owned();
                let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
                let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
                reader.read_exact(&mut body).unwrap();
                SERVED.fetch_add(1, Ordering::SeqCst);
                let (status, more, body) = match path.as_str() {
                    "/moved" => ("302 Found", "location: /page\r\n", String::new()),
                    "/bytes" => ("200 OK", "content-type: application/octet-stream\r\n", "plain".to_owned()),
                    _ => (
                        "200 OK",
                        "content-type: application/json\r\nset-cookie: session=1234\r\n",
                        json!({ "path": path, "you": "a token for tests", "access_token": "handed out" }).to_string(),
                    ),
                };
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"
                );
            }
        });
    });
}

#[test]
fn responses_are_recorded_without_secrets_and_replayed() {
    serve();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/recorded.json");
    let url = |path: &str| json!({ "url": format!("http://localhost:{}{path}", port()) });
    macro_rules! tool {
        () => {
            scribe()
        };
    }
    // ANCHOR: record
    let recording = tool!().allow_local().http_record(&path).load();
    let first = recording.call("fetch", url("/moved")).text();
    // ANCHOR_END: record
    recording.call("send", json!({ "url": url("/send")["url"], "text": "a token for tests" })).assert_json(200);
    assert_eq!(first, r#"{"path":"/page","you":"[REDACTED:env:TOKEN]","access_token":"handed out"}"#);
    let served = SERVED.load(Ordering::SeqCst);
    assert!(served >= 3, "{served}");

    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("a token for tests") && !text.contains("session"), "{text}");
    assert!(!text.contains("handed out"), "{text}");
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let host = format!("http://localhost:{}", port());
    assert_eq!(
        recorded["exchanges"][0],
        json!({
            "request": { "method": "GET", "url": format!("{host}/moved"), "headers": { "authorization": "*" } },
            "response": { "status": 302, "headers": { "location": "/page" } },
        })
    );
    assert_eq!(
        recorded["exchanges"][1]["response"],
        json!({
            "status": 200,
            "headers": { "content-type": "application/json", "set-cookie": "[masked]" },
            "json": { "access_token": "[masked]", "path": "/page", "you": "${TOKEN}" },
        })
    );
    assert_eq!(recorded["exchanges"][2]["request"]["json"], json!(["${TOKEN}"]));
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "there are no temporary files");

    // The file exists now, so nothing is sent. The token can be different.
    let replaying = scribe().env("TOKEN", "quite another token").http_record(&path).load();
    assert_eq!(replaying.call("fetch", url("/moved")).text(), first.replace("handed out", "[masked]"));
    replaying.call("send", json!({ "url": url("/send")["url"], "text": "quite another token" })).assert_json(200);
    assert_eq!(SERVED.load(Ordering::SeqCst), served);
    let message = failure(|| replaying.call("fetch", url("/other")));
    assert!(message.starts_with("no mock answers the request `GET "), "{message}");
    assert!(
        message.contains("help: record the fixtures again with `MPP_TEST_RECORD=1 cargo test`; or answer the request"),
        "{message}"
    );
}

#[test]
fn the_real_network_is_reached_only_if_the_test_allows_it() {
    serve();
    let url = json!({ "url": format!("http://localhost:{}/bytes", port()) });
    macro_rules! tool {
        () => {
            scribe()
        };
    }
    // ANCHOR: live
    let tool = tool!().live_network().allow_local().load();
    tool.call("fetch", url.clone()).assert_text("plain");
    // ANCHOR_END: live
    tool.requests().assert_count(1);
    // The host's check of addresses applies.
    let tool = scribe().live_network().load();
    tool.call("fetch", url.clone()).assert_error("capability_denied");
    // Without `live_network`, nothing is sent.
    let message = failure(|| scribe().allow_local().load().call("fetch", url));
    assert!(message.starts_with("no mock answers the request `GET "), "{message}");
}

#[test]
fn one_tool_records_into_one_fixture() {
    let dir = tempfile::tempdir().unwrap();
    let message =
        failure(|| scribe().http_record(dir.path().join("a.json")).http_record(dir.path().join("b.json")).load());
    let (a, b) = (dir.path().join("a.json"), dir.path().join("b.json"));
    let expected = format!("2 fixtures are to be recorded at once: `{}` and `{}`\n", a.display(), b.display());
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn a_fixture_that_cannot_be_written_fails_the_test() {
    serve();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let path = dir.path().join("file/recorded.json");
    let tool = scribe().allow_local().http_record(&path).load();
    let url = json!({ "url": format!("http://localhost:{}/bytes", port()) });
    let message = failure(|| tool.call("fetch", url));
    assert!(message.starts_with(&format!("cannot write the fixture `{}`: ", path.display())), "{message}");
}
