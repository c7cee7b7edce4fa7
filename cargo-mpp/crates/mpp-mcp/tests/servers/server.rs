//! A small MCP server for tests, in several states of health. It uses the standard library only, so that a test compiles it in a second.
//!
//! `server good` answers as it should. The other words of [`main`] are what servers do wrong.

use std::io::{BufRead, Write};
use std::time::Duration;

const TOOLS_1: &str = r#"{"tools":[{"name":"echo","description":"Says it again.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]},"x-vendor":{"kept":1.50}}],"nextCursor":"2"}"#;
const TOOLS_2: &str = r#"{"tools":[{"name":"count","description":"Counts the calls.","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":false}},{"name":"fail","inputSchema":{"type":"object"}}]}"#;

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut count = 0;
    let mut held = None;
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let Some(id) = id_of(&line) else { continue };
        let is_call = line.contains("\"tools/call\"");
        match mode.as_str() {
            "dies" if is_call => {
                eprintln!("server: out of luck");
                std::process::exit(3);
            }
            "hangs" if is_call => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            "closes" if is_call => {
                say("{\"jsonrpc\":\"2.0\",\"id\":");
                return;
            }
            "floods" if is_call => {
                for _ in 0..40_000 {
                    eprintln!("server: a line of fifty characters, again and again..");
                }
                for _ in 0..20_000 {
                    say("this is not a message, and there are very many of it\n");
                }
            }
            "nonsense" if is_call => {
                say("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n[1,2]\nnot JSON\n");
                raw(b"\xff\xfe not UTF-8\n");
                answer(&id, r#"{"content":[{"type":"text","text":"once"}]}"#);
            }
            "pages" if line.contains("\"tools/list\"") => {
                answer(&id, r#"{"tools":[],"nextCursor":"next"}"#);
                continue;
            }
            "refuses" => {
                say(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":-32000,\"message\":\"not today\"}}}}\n"));
                continue;
            }
            // Answers the second of two calls first.
            "reversed" if is_call => match held.take() {
                None => {
                    held = Some(id);
                    continue;
                }
                Some(first) => {
                    answer(&id, r#"{"content":[{"type":"text","text":"second"}]}"#);
                    answer(&first, r#"{"content":[{"type":"text","text":"first"}]}"#);
                    continue;
                }
            },
            "secret" if is_call => {
                let key = std::env::var("CRM_API_KEY").unwrap_or_default();
                answer(&id, &format!(r#"{{"content":[{{"type":"text","text":"{key} of ada@post.example"}}]}}"#));
                eprintln!("server: using {key}");
                continue;
            }
            _ => {}
        }
        if line.contains("\"initialize\"") {
            answer(&id, r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"test-server","version":"1.2.3"}}"#);
        } else if line.contains("\"tools/list\"") {
            answer(&id, if line.contains("cursor") { TOOLS_2 } else { TOOLS_1 });
        } else if line.contains("\"fail\"") {
            answer(&id, r#"{"content":[{"type":"text","text":"it failed"}],"isError":true}"#);
        } else if line.contains("\"count\"") {
            count += 1;
            answer(&id, &format!(r#"{{"content":[{{"type":"text","text":"{count}"}}]}}"#));
        } else if is_call {
            let text = line.split("\"text\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            answer(&id, &format!(r#"{{"content":[{{"type":"text","text":"{text}"}}],  "isError":false, "n":1.500}}"#));
        } else {
            answer(&id, "{}");
        }
    }
    match mode.as_str() {
        "stays" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "code" => std::process::exit(7),
        _ => {}
    }
}

/// Returns the id of a request as JSON; `None` for a notification.
fn id_of(line: &str) -> Option<String> {
    let rest = line.split("\"id\":").nth(1)?;
    let end = rest.find([',', '}']).unwrap_or(rest.len());
    Some(rest[..end].trim().to_owned())
}

fn answer(id: &str, result: &str) {
    say(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}\n"));
}

fn say(text: &str) {
    raw(text.as_bytes());
}

fn raw(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    // A client that is gone needs no answer.
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}
