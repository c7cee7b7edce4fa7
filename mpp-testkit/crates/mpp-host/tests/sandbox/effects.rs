//! The record that precedes the effects of a call: which calls have one, and what happens without it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::Host;
use mpp_host::audit::{AuditError, AuditLog, AuditSink, Invocation, Started, verify};
use mpp_host::host::FilteredOutput;
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use crate::audit::{entries, log_dir};
use crate::fixture::{Run, SamplePackage, answers, assert_fails, module, sample};
use crate::kv_script::{Script, keeps};
use crate::network::package;

fn host(dir: &Path, sink: Arc<dyn AuditSink>) -> Host {
    Host::builder().instances(2).state_dir(dir.join("kv")).audit(sink).build().unwrap()
}

/// The lines of the log, each with what it is: `started`, or the outcome.
fn lines(dir: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join("log.jsonl")).unwrap_or_default();
    let what = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line.get("event").or_else(|| line.get("outcome")).and_then(Value::as_str).unwrap().to_owned()
    };
    text.lines().map(what).collect()
}

/// Answers every request, and counts them.
#[derive(Debug, Default)]
struct Counts(AtomicUsize);

impl Transport for Counts {
    fn send(&self, _: Request) -> Result<Response, TransportError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Response::new(200, ""))
    }
}

fn asks(url: &str) -> SamplePackage {
    package(&json!(["api.example.com"]), &json!({ "method": "POST", "url": url }), b"")
}

/// Opens `name` below `/out`, for reading or for writing, and answers.
fn opens(name: &str, flags: i32, rights: i64) -> SamplePackage {
    let more = format!("(data (i32.const 4096) \"{name}\") (data (i32.const 7000) \"1\")");
    let body = format!(
        "(drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 4096) (i32.const {}) (i32.const {flags})
           (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 5000)))
         (call $answer (i32.const 7000) (i32.const 1))",
        name.len()
    );
    sample(module(&more, &body)).set("/capabilities", json!({ "filesystem": { "write": ["/out"] } }))
}

#[test]
fn a_call_with_effects_has_a_record_before_them_and_a_call_without_has_none() {
    const READ: i64 = 1 << 1;
    const WRITE: i64 = 1 << 6;
    let set = Script::new().set("a", "1");
    let failing = keeps(Script::new().set("a", "1").module_ending("unreachable"), 1 << 20);
    let table: [(&str, SamplePackage, bool, &[&str]); 10] = [
        ("nothing declared", sample(answers("1")), false, &["ok"]),
        ("a request", asks("https://api.example.com/"), false, &["started", "ok"]),
        ("a denied request", asks("https://other.example/"), false, &["ok"]),
        ("state that is changed", keeps(set.module(), 1 << 20), false, &["started", "ok"]),
        ("state that is read", keeps(Script::new().get("a").module(), 1 << 20), false, &["ok"]),
        ("state that is rolled back", failing, false, &["tool_crashed"]),
        ("a file that is created", opens("new", 1, WRITE), true, &["started", "ok"]),
        ("a file that is read", opens("there", 0, READ), true, &["ok"]),
        ("a file that is opened for writing", opens("there", 0, WRITE), true, &["started", "ok"]),
        (
            "a call that is refused",
            sample(answers("1")).set("/tool_definitions/0/parameters/required", json!(["x"])),
            false,
            &["invalid_arguments"],
        ),
    ];
    for (name, package, has_dir, expected) in table {
        let (guard, dir) = log_dir();
        std::fs::write(guard.path().join("there"), "x").unwrap();
        let host = host(guard.path(), Arc::new(AuditLog::new(&dir)));
        let tool = package.granted(&host, |grant| {
            let grant = grant.http(Arc::new(Counts::default()));
            if has_dir { grant.dir("/out", guard.path()) } else { grant }
        });
        let output = tool.call("run", "{}");
        assert_eq!(lines(&dir), expected, "{name}: {}", output.json());
        let report = verify(&dir).unwrap().unwrap();
        assert!(report.is_whole() && report.interrupted.is_empty(), "{name}: {report:?}");
        assert_eq!(entries(&dir).len(), 1, "{name}: a call is listed once");
    }
}

#[test]
fn a_written_file_has_its_record_before_it_replaces_the_original() {
    let (guard, dir) = log_dir();
    let file = guard.path().join("notes.txt");
    std::fs::write(&file, "before").unwrap();
    let write = |name: &str, length: usize| {
        let more = format!("(data (i32.const 4096) \"{name}\") (data (i32.const 7000) \"1\")");
        let body = format!(
            "(drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 4096) (i32.const {}) (i32.const 0) (i64.const 64)
               (i64.const 0) (i32.const 0) (i32.const 5000)))
             (call $write (i32.load (i32.const 5000)) (i32.const 4096) (i32.const {length}))
             (call $answer (i32.const 7000) (i32.const 1))",
            name.len()
        );
        sample(module(&more, &body)).set("/capabilities", json!({ "filesystem": { "write": ["/notes.txt"] } }))
    };
    let host = host(guard.path(), Arc::new(AuditLog::new(&dir)));
    let call =
        |length| write("notes.txt", length).granted(&host, |grant| grant.dir("/notes.txt", &file)).call("run", "{}");
    assert!(call(0).outcome().is_ok());
    assert_eq!(lines(&dir), ["ok"], "an unchanged copy is not written back");
    assert!(call(5).outcome().is_ok());
    assert_eq!(lines(&dir), ["ok", "started", "ok"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "notese");
}

/// Accepts outcomes, but not what precedes effects.
#[derive(Debug, Default)]
struct NotStarted(AtomicUsize);

impl AuditSink for NotStarted {
    fn started(&self, _: &Started<'_>) -> Result<(), AuditError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(AuditError::Busy { path: "nowhere".into() })
    }
    fn record(&self, _: &Invocation<'_>) -> Result<(), AuditError> {
        Ok(())
    }
}

#[test]
fn an_effect_that_cannot_be_recorded_does_not_happen() {
    let (guard, _) = log_dir();
    let sink = Arc::new(NotStarted::default());
    let host = host(guard.path(), Arc::clone(&sink) as Arc<dyn AuditSink>);
    let refused = |output: &FilteredOutput| {
        assert_fails(output, ErrorKind::CapabilityDenied, &["cannot be recorded", "before it had an effect"]);
        assert_eq!(output.code().map(|code| code.id), Some("MPP-R503"));
    };
    let sent = Arc::new(Counts::default());
    let transport = Arc::clone(&sent) as Arc<dyn Transport>;
    refused(&asks("https://api.example.com/").granted(&host, |grant| grant.http(transport)).call("run", "{}"));
    assert_eq!(sent.0.load(Ordering::Relaxed), 0);

    refused(&opens("new", 1, 64).granted(&host, |grant| grant.dir("/out", guard.path())).call("run", "{}"));
    assert!(!guard.path().join("new").exists());

    let keeps = |script: Script| keeps(script.module(), 1 << 20).runnable(&host).call("run", "{}");
    refused(&keeps(Script::new().set("a", "1")));
    let read = keeps(Script::new().get("a"));
    assert!(read.outcome().is_ok(), "reading is no effect: {}", read.json());
    assert!(read.json().contains("-0001:"), "nothing was stored: {}", read.json());
    assert_eq!(sink.0.load(Ordering::Relaxed), 3, "once for each call");
}
