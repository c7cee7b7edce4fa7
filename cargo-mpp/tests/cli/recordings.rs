//! `mpp run --record` and `mpp rerun`: the same call again, with the same build and with another one.

mod component;

use mpp_host::keys::SigningKey;
use serde_json::{Value, json};

use crate::support::{User, answers, sample, signed};

/// A module that answers with the two clocks and 16 random bytes in hexadecimal and with `word`, counts its calls by `by`, and writes
/// `word` to its log.
fn reads_everything(by: i64, word: &str) -> Vec<u8> {
    let hex = |text: &str| -> String { text.bytes().map(|byte| format!("\\{byte:02x}")).collect() };
    let start = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"";
    let end = format!(" {word}\"}}]}}}}\n");
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (import "mpp_v1" "kv_increment" (func $increment (param i32 i32 i64) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 32) "calls") (data (i32.const 48) "0123456789abcdef")
          (data (i32.const 128) "{start}") (data (i32.const 512) "{end}")
          (func (export "_start") (local $at i32)
            (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 1024)))
            (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 1032)))
            (drop (call $random (i32.const 1040) (i32.const 16)))
            (if (call $increment (i32.const 32) (i32.const 5) (i64.const {by})) (then unreachable))
            (loop $next
              (i32.store8 (i32.add (i32.const 2048) (i32.mul (local.get $at) (i32.const 2)))
                (i32.load8_u (i32.add (i32.const 48) (i32.shr_u (i32.load8_u (i32.add (i32.const 1024) (local.get $at))) (i32.const 4)))))
              (i32.store8 (i32.add (i32.const 2049) (i32.mul (local.get $at) (i32.const 2)))
                (i32.load8_u (i32.add (i32.const 48) (i32.and (i32.load8_u (i32.add (i32.const 1024) (local.get $at))) (i32.const 15)))))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $at) (i32.const 32))))
            (i32.store (i32.const 0) (i32.const 512)) (i32.store (i32.const 4) (i32.const {log}))
            (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 28)))
            (i32.store (i32.const 0) (i32.const 128)) (i32.store (i32.const 4) (i32.const {first}))
            (i32.store (i32.const 8) (i32.const 2048)) (i32.store (i32.const 12) (i32.const 64))
            (i32.store (i32.const 16) (i32.const 512)) (i32.store (i32.const 20) (i32.const {last}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 28)))))"#,
        start = hex(start),
        end = hex(&end),
        log = 1 + word.len(),
        first = start.len(),
        last = end.len(),
    );
    wat::parse_str(text).expect("wat")
}

fn package(user: &User, name: &str, module: &[u8], patch: Value, key: &SigningKey) -> String {
    user.write(name, signed(sample(patch), module, key).as_slice())
}

fn with_state() -> Value {
    json!({ "capabilities": { "kv": { "max_bytes": 1000 } } })
}

/// Records a call of `tool.mpp` in `call.json`, and returns its answer.
fn record(user: &User, package: &str) -> String {
    let ended = user.mpp(&["run", package, "--arg", "what=tea", "--record", "call.json"]).done();
    let said = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("recorded in `call.json`, unfiltered"), "{said}");
    ended.stdout
}

fn recorded(user: &User) -> Value {
    serde_json::from_slice(&std::fs::read(user.dir().join("call.json")).expect("a file")).expect("JSON")
}

#[test]
fn a_call_is_repeated_bit_for_bit_without_touching_the_state() {
    let user = User::new();
    let key = user.own_key();
    let tool = package(&user, "tool.mpp", &reads_everything(1, "done"), with_state(), &key);
    user.mpp(&["run", &tool, "--arg", "what=x"]).done();
    let answer = record(&user, &tool);
    let recording = recorded(&user);
    assert_eq!(recording["mpp_recording"], 1);
    assert!(recording["warning"].as_str().is_some_and(|text| text.starts_with("UNFILTERED")), "{recording:#}");
    assert_eq!(recording["state"]["entries"], json!([{ "key": { "text": "calls" }, "value": { "text": "1" } }]));
    assert_eq!(recording["state"]["changes"], json!([{ "key": { "text": "calls" }, "value": { "text": "2" } }]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(user.dir().join("call.json")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The next call is another one: its clocks and random bytes differ.
    assert_ne!(user.mpp(&["run", &tool, "--arg", "what=tea"]).done().stdout, answer);
    let calls = || user.mpp(&["kv", "get", &tool, "calls"]).done().stdout;
    let records = || user.mpp(&["audit", "list"]).done().stdout;
    let before = (calls(), records());
    for target in [["rerun", "call.json"].as_slice(), &["rerun", "call.json", &tool]] {
        let again = user.mpp(target).done();
        assert!(again.stdout.contains("Identical"), "{}", again.stdout);
        let json = user.mpp(&[target, &["--format", "json"]].concat()).done().json();
        assert_eq!((&json["identical"], &json["departures"]), (&json!(true), &json!([])));
        assert_eq!(json["call"]["result"]["content"][0]["text"], answer.trim_end(), "{json:#}");
    }
    assert_eq!((calls(), records()), before);
}

#[test]
fn another_build_is_compared_at_every_place() {
    let user = User::new();
    let key = user.own_key();
    let tool = package(&user, "tool.mpp", &reads_everything(1, "done"), with_state(), &key);
    let answer = record(&user, &tool);
    let changed = package(&user, "changed.mpp", &reads_everything(2, "gone"), with_state(), &key);
    let ended = user.mpp(&["rerun", "call.json", &changed]).failed(1, "MPP-C062");
    assert!(ended.stdout.contains("another build"), "{}", ended.stdout);
    assert!(ended.stderr.contains("differs from its recording in 3 places"), "{}", ended.stderr);
    let json = user.mpp(&["rerun", "call.json", &changed, "--format", "json"]);
    assert_eq!(json.code, Some(1));
    let json = json.json();
    let now = answer.trim_end().replace("done", "gone");
    assert_eq!(
        json["departures"],
        json!([
            { "kind": "outcome", "pointer": "/result/content/0/text", "expected": answer.trim_end(), "found": now },
            { "kind": "log", "difference": "expected:  done\n   found:  gone" },
            { "kind": "state", "key": "calls", "expected": "1", "found": "2" },
        ]),
        "{json:#}"
    );
    assert_eq!((&json["identical"], &json["error"]["code"]), (&json!(false), &json!("MPP-C062")));
}

#[test]
fn a_recorded_failure_is_repeated_as_one() {
    let user = User::new();
    let tool = user.package(&crate::support::module("", "unreachable"), &user.own_key());
    user.mpp(&["run", &tool, "--arg", "what=x", "--record", "call.json"]).failed(1, "MPP-R108");
    assert!(user.mpp(&["rerun", "call.json"]).done().stdout.contains("Identical"));
}

#[test]
fn what_cannot_be_repeated_is_refused_with_a_code() {
    let user = User::new();
    let key = user.own_key();
    let tool = user.package(&answers("hello"), &key);
    record(&user, &tool);
    let text = std::fs::read_to_string(user.dir().join("call.json")).expect("a file");
    let refused = |changed: &str, exit, code| {
        user.write("other.json", changed);
        user.mpp(&["rerun", "other.json", &tool]).failed(exit, code)
    };
    refused("{}", 2, "MPP-R620");
    refused("not JSON", 2, "MPP-R620");
    refused("", 2, "MPP-R620");
    refused(&text.replace("\"mpp_recording\": 1", "\"mpp_recording\": 2"), 2, "MPP-R621");
    let cut = refused(&text[..text.len() / 2], 2, "MPP-R622");
    assert!(cut.stderr.contains("cut off"), "{}", cut.stderr);
    refused(&text[..30], 2, "MPP-R622");
    let damaged = refused(&text.replace("\"requests\"", "\"requets\""), 2, "MPP-R622");
    assert!(damaged.stderr.contains("requets"), "{}", damaged.stderr);
    refused(&text.replace("\"random\": \"\"", "\"random\": \"?\""), 2, "MPP-R622");
    user.mpp(&["rerun", "none.json", &tool]).failed(2, "MPP-C002");

    let other = package(&user, "other.mpp", &answers("hello"), json!({ "package_id": "com.example.other" }), &key);
    user.mpp(&["rerun", "call.json", &other]).failed(2, "MPP-C060");
    let tools = json!([{ "name": "says", "description": "Says it.", "parameters": { "type": "object" } }]);
    let renamed = package(&user, "renamed.mpp", &answers("hello"), json!({ "tool_definitions": tools }), &key);
    let ended = user.mpp(&["rerun", "call.json", &renamed]).failed(2, "MPP-C061");
    assert!(ended.stderr.contains("did you mean `says`?"), "{}", ended.stderr);
    std::fs::remove_file(user.dir().join(&tool)).expect("removed");
    user.mpp(&["rerun", "call.json"]).failed(2, "MPP-C002");
    // A device or a pipe is not replaced by a file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let pipe = user.dir().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        user.mpp(&["run", &renamed, "--record", "pipe"]).failed(2, "MPP-C003");
        assert!(pipe.metadata().expect("there").file_type().is_fifo());
    }
    // A recording that cannot be written is known before the call.
    user.mpp(&["run", &renamed, "--record", "no/such/dir/call.json"]).failed(2, "MPP-C003");
}

#[test]
fn recorded_state_that_does_not_fit_is_refused() {
    let user = User::new();
    let key = user.own_key();
    let tool = package(&user, "tool.mpp", &reads_everything(1, "done"), with_state(), &key);
    record(&user, &tool);
    record(&user, &tool);
    let small = json!({ "capabilities": { "kv": { "max_bytes": 1 } } });
    let small = package(&user, "small.mpp", &reads_everything(1, "done"), small, &key);
    user.mpp(&["rerun", "call.json", &small]).failed(2, "MPP-C063");
}

#[test]
fn a_new_publisher_is_not_trusted_for_a_rerun() {
    let user = User::new();
    let tool = user.package(&answers("hello"), &user.own_key());
    record(&user, &tool);
    let stranger = SigningKey::generate(mpp_host::keys::KeyRole::Publisher).expect("a key");
    let theirs = package(&user, "theirs.mpp", &answers("hello"), json!({}), &stranger);
    user.mpp(&["rerun", "call.json", &theirs]).failed(4, "MPP-K201");
}

/// A module that appends `x` to the file `log.txt` of its first directory, and answers.
fn appends() -> Vec<u8> {
    let code = r#"
      (if (call $open (i32.const 3) (i32.const 0) (i32.const 8192) (i32.const 7) (i32.const 1) (i64.const 64) (i64.const 0)
            (i32.const 1) (i32.const 8208)) (then unreachable))
      (i32.store (i32.const 0) (i32.const 8200)) (i32.store (i32.const 4) (i32.const 1))
      (if (call $write (i32.load (i32.const 8208)) (i32.const 0) (i32.const 1) (i32.const 16)) (then unreachable))"#;
    let result = json!({"content": [{"type": "text", "text": "written"}], "isError": false});
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
    let import = r#"(import "wasi_snapshot_preview1" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 2) (data (i32.const 8192) "log.txt\00x")"#;
    let text = crate::support::text_of(&answer, code).replacen("(memory (export \"memory\") 2)", import, 1);
    wat::parse_str(text).expect("wat")
}

#[test]
fn recorded_files_are_restored_and_those_of_the_user_stay() {
    let user = User::new();
    let patch = json!({ "capabilities": { "filesystem": { "read": [], "write": ["/data"] } } });
    let tool = package(&user, "tool.mpp", &appends(), patch, &user.own_key());
    user.write("data/log.txt", "ab");
    user.mpp(&["run", &tool, "--arg", "what=x", "--dir", "/data=data", "--record", "call.json"]).done();
    let log = || std::fs::read_to_string(user.dir().join("data/log.txt")).expect("a file");
    assert_eq!(log(), "abx");
    let files = &recorded(&user)["files"][0];
    assert_eq!(files["before"][0]["content"], json!({ "file": { "text": "ab" } }), "{files:#}");
    assert_eq!(files["changes"], json!([{ "path": "log.txt", "content": { "file": { "text": "abx" } } }]));
    for _ in 0..2 {
        assert!(user.mpp(&["rerun", "call.json"]).done().stdout.contains("Identical"));
    }
    assert_eq!(log(), "abx");
    // The recording decides what was there before, and what departs.
    let mut changed = recorded(&user);
    changed["files"][0]["before"][0]["content"] = json!({ "file": { "text": "cd" } });
    user.write("changed.json", changed.to_string());
    let departs = user.mpp(&["rerun", "changed.json", "--format", "json"]).json();
    let expected = json!([{ "kind": "file", "path": "/data/log.txt", "expected": "abx", "found": "cdx" }]);
    assert_eq!(departs["departures"], expected, "{departs:#}");
}
