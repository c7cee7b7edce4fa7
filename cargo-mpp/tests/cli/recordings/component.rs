//! `mpp run --record` and `mpp rerun` of a component (`wasm32-wasip2`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{package, record, recorded};
use crate::support::User;

/// A component that answers with the wall clock, a random number and `word`, and writes `word` to its log.
fn reads_clock_and_random(word: &str) -> Vec<u8> {
    let hex = |text: &str| -> String { text.bytes().map(|byte| format!("\\{byte:02x}")).collect() };
    let start = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"";
    let end = format!(" {word}\"}}]}}}}\n");
    let text = format!(
        r#"(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $e))
    (export "output-stream" (type $stream (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream (type $s))
    (export "output-stream" (type $output-stream (eq $s)))
    (export "get-stdout" (func (result (own $output-stream))))))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $stream (type $s))
    (export "output-stream" (type $output-stream (eq $s)))
    (export "get-stderr" (func (result (own $output-stream))))))
  (import "wasi:clocks/wall-clock@0.2.0" (instance $clock
    (type $time (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $time)))
    (export "now" (func (result $datetime)))))
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $stdout (canon lower (func $stdout "get-stdout")))
  (core func $stderr (canon lower (func $stderr "get-stderr")))
  (core func $now (canon lower (func $clock "now") (memory (core memory $memory "memory"))))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $memory "memory"))))
  (core module $main
    (import "host" "stdout" (func $stdout (result i32)))
    (import "host" "stderr" (func $stderr (result i32)))
    (import "host" "now" (func $now (param i32)))
    (import "host" "random" (func $random (result i64)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "memory" "memory" (memory 1))
    (data (i32.const 48) "0123456789abcdef") (data (i32.const 128) "{start}") (data (i32.const 512) "{end}")
    (func (export "run") (result i32) (local $at i32) (local $out i32)
      (call $now (i32.const 1024))
      (i64.store (i32.const 1040) (call $random))
      (loop $next
        (i32.store8 (i32.add (i32.const 2048) (i32.mul (local.get $at) (i32.const 2)))
          (i32.load8_u (i32.add (i32.const 48) (i32.shr_u (i32.load8_u (i32.add (i32.const 1024) (local.get $at))) (i32.const 4)))))
        (i32.store8 (i32.add (i32.const 2049) (i32.mul (local.get $at) (i32.const 2)))
          (i32.load8_u (i32.add (i32.const 48) (i32.and (i32.load8_u (i32.add (i32.const 1024) (local.get $at))) (i32.const 15)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 24))))
      (call $write (call $stderr) (i32.const 513) (i32.const {word_length}) (i32.const 16))
      (local.set $out (call $stdout))
      (call $write (local.get $out) (i32.const 128) (i32.const {first}) (i32.const 16))
      (call $write (local.get $out) (i32.const 2048) (i32.const 48) (i32.const 16))
      (call $write (local.get $out) (i32.const 512) (i32.const {last}) (i32.const 16))
      (i32.load8_u (i32.const 16))))
  (core instance $main (instantiate $main
    (with "host" (instance
      (export "stdout" (func $stdout)) (export "stderr" (func $stderr)) (export "now" (func $now))
      (export "random" (func $random)) (export "write" (func $write))))
    (with "memory" (instance $memory))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exports (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exports)))"#,
        start = hex(start),
        end = hex(&end),
        word_length = word.len(),
        first = start.len(),
        last = end.len(),
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_call_of_a_component_is_repeated_and_a_changed_build_departs() {
    let user = User::new();
    let key = user.own_key();
    let runtime = json!({ "runtime": { "type": "wasm32-wasip2", "entrypoint": "bin/main.wasm" } });
    let tool = package(&user, "tool.mpp", &reads_clock_and_random("done"), runtime.clone(), &key);
    let answer = record(&user, &tool);
    let recording = recorded(&user);
    assert!(recording["random"].as_str().is_some_and(|random| !random.is_empty()), "{recording:#}");
    // The next call is another one: its clock and its random number differ.
    assert_ne!(user.mpp(&["run", &tool, "--arg", "what=tea"]).done().stdout, answer);
    for target in [["rerun", "call.json"].as_slice(), &["rerun", "call.json", &tool]] {
        let again = user.mpp(target).done();
        assert!(again.stdout.contains("Identical"), "{}", again.stdout);
        let json = user.mpp(&[target, &["--format", "json"]].concat()).done().json();
        assert_eq!((&json["identical"], &json["departures"]), (&json!(true), &json!([])));
        assert_eq!(json["call"]["result"]["content"][0]["text"], answer.trim_end(), "{json:#}");
    }

    let changed = package(&user, "changed.mpp", &reads_clock_and_random("gone"), runtime, &key);
    user.mpp(&["rerun", "call.json", &changed]).failed(1, "MPP-C062");
    let json = user.mpp(&["rerun", "call.json", &changed, "--format", "json"]).json();
    let now = answer.trim_end().replace("done", "gone");
    assert_eq!(
        json["departures"],
        json!([
            { "kind": "outcome", "pointer": "/result/content/0/text", "expected": answer.trim_end(), "found": now },
            { "kind": "log", "difference": "expected: done\n   found: gone" },
        ]),
        "{json:#}"
    );
}

/// Answers each request to a new port of this machine with `hello`, and counts them.
fn hello() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            if lines.by_ref().any(|line| line.is_empty()) {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
            }
        }
    });
    (port, count)
}

#[test]
fn requests_of_a_component_are_recorded_and_repeated_without_the_server() {
    for form in ["component.wasm", "wasi-http.wasm"] {
        let user = User::new();
        let key = user.own_key();
        let (port, count) = hello();
        let built =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../mpp-testkit/crates/mpp-host/tests/components/client/built");
        let patch = json!({
            "runtime": { "type": "wasm32-wasip2", "entrypoint": "bin/main.wasm", "timeout_ms": 20_000 },
            "capabilities": { "network": [format!("http://localhost:{port}")] },
            "tool_definitions": [{ "name": "say", "description": "Sends.", "parameters": { "type": "object" } }]
        });
        let tool = package(&user, "tool.mpp", &std::fs::read(built.join(form)).expect(form), patch, &key);
        let arguments =
            json!({ "method": "POST", "url": format!("http://localhost:{port}/a"), "body": "ping" }).to_string();
        let ended = user.mpp(&["run", &tool, "--args", &arguments, "--allow-local", "--record", "call.json"]).done();
        assert_eq!(ended.json()["body"], "hello", "{form}: {}", ended.stdout);
        let recording = recorded(&user);
        assert!(recording.to_string().contains("ping"), "{form}: {recording:#}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{form}");
        let again = user.mpp(&["rerun", "call.json", "--format", "json"]).done().json();
        assert_eq!((&again["identical"], &again["departures"]), (&json!(true), &json!([])), "{form}: {again:#}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{form}: the recording answers");
    }
}
