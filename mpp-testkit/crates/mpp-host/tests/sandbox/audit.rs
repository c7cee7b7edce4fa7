//! The audit log of real calls: the content of records, and concurrent writers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mpp_host::Host;
use mpp_host::audit::{AuditError, AuditLog, AuditSink, Entry, Invocation, Started, read, verify};
use mpp_host::host::RunnablePackage;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use super::fixture::{Run, answers, assert_fails, echoes, module, sample, writes};

/// The variable that tells a child process of this test where to write.
const DIR: &str = "MPP_TEST_AUDIT_DIR";
const THREADS: u64 = 8;
const PROCESSES: u64 = 4;
const CALLS: u64 = 40;

pub(crate) fn recording(dir: &Path) -> Host {
    Host::builder().instances(4).audit(Arc::new(AuditLog::new(dir))).build().unwrap()
}

pub(crate) fn entries(dir: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    read(dir, |listed| {
        assert!(listed.is_sealed);
        entries.extend(listed.record.ended().cloned());
    })
    .unwrap();
    entries
}

pub(crate) fn log_dir() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit");
    (dir, path)
}

#[test]
fn every_call_ends_in_one_record() {
    let (_guard, dir) = log_dir();
    let host = recording(&dir);
    let failing = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}"#;
    let own =
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-31000,"message":"no","data":{"kind":"tool_error","code":"mine"}}}"#;
    let table = [
        (answers("1"), "ok", None),
        (writes(failing.as_bytes()), "is_error", None),
        (writes(own.as_bytes()), "tool_error", Some("MPP-R103")),
        (module("", "unreachable"), "tool_crashed", Some("MPP-R108")),
        (writes(b"hello\n"), "invalid_response", Some("MPP-R109")),
        (module("", "(loop $l (br $l))"), "timeout", Some("MPP-R105")),
    ];
    let mut ids = Vec::new();
    for (index, (module, outcome, code)) in table.into_iter().enumerate() {
        let tool = sample(module).set("/runtime/timeout_ms", json!(500)).runnable(&host);
        let output = tool.call("run", "{}");
        assert_eq!(output.code().map(|code| code.id), code, "{outcome}");
        // The record was written before the answer was returned.
        let entries = entries(&dir);
        let entry = &entries[index];
        assert_eq!((entries.len(), entry.outcome.as_str(), entry.code.as_deref()), (index + 1, outcome, code));
        assert_eq!(output.report().invocation.as_deref(), Some(entry.id.as_str()));
        assert_eq!((entry.package_id.as_str(), entry.tool.as_deref()), ("com.example.sample", Some("run")));
        ids.push(entry.id.clone());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "every call has a name of its own");

    let tool = sample(answers("1")).runnable(&host);
    let _ = tool.call("run", "[]");
    let _ = tool.call("CUST-12345678", "{}");
    let entries = entries(&dir);
    assert_eq!((entries[6].outcome.as_str(), entries[6].tool.as_deref()), ("invalid_arguments", Some("run")));
    assert_eq!((entries[7].outcome.as_str(), entries[7].tool.as_deref()), ("unknown_tool", None));
    assert!(verify(&dir).unwrap().unwrap().is_whole());
}

#[test]
fn a_record_contains_no_arguments_results_or_secrets() {
    let (guard, dir) = log_dir();
    let data = guard.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let package =
        sample(echoes()).set("/capabilities", json!({"env_vars": ["TOKEN"], "filesystem": {"read": ["/data"]}}));
    let (secret, argument) = ("tok-1234567890abcdef", "ada@example.com and the-argument");
    let arguments = json!({"query": argument, "token": secret}).to_string();
    let call = |dir: &Path| {
        let tool = package.granted(&recording(dir), |grant| grant.env("TOKEN", secret).dir("/data", &data));
        let output = tool.call("run", &arguments);
        assert!(output.json().contains("[REDACTED:env:TOKEN]") && output.json().contains("the-argument"));
        let _ = tool.call("run", &format!("{{\"{secret}\":\"{argument}\""));
        let _ = tool.call(secret, "{}");
    };
    call(&dir);
    let text = std::fs::read_to_string(dir.join("log.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 3);
    for word in [secret, "1234567890", "ada@", "the-argument", "query"] {
        assert!(!text.contains(word), "{word} is in {text}");
    }
    let first = &entries(&dir)[0];
    assert_eq!(first.variables, ["TOKEN"]);
    assert_eq!(
        (first.directories[0].guest.as_str(), &first.directories[0].host),
        ("/data", &data.canonicalize().unwrap())
    );
    assert!(!first.directories[0].writable);
    assert!(first.redactions["env:TOKEN"] >= 1 && first.redactions["email"] == 1, "{:?}", first.redactions);

    // The hash of the arguments depends on the arguments and on the key of the log only, not on the order of the keys.
    let tool = package.granted(&recording(&dir), |grant| grant.env("TOKEN", secret).dir("/data", &data));
    let _ = tool.call("run", &arguments);
    assert_eq!(entries(&dir)[3].arguments, first.arguments);
    for (texts, same) in [
        ([r#"{"a":1,"b":{"c":2,"d":3}}"#, r#"{ "b": {"d":3,"c":2}, "a": 1 }"#], true),
        ([r#"{"a":1,"b":[2,3]}"#, r#"{"a":1,"b":[3,2]}"#], false),
    ] {
        let _ = texts.map(|arguments| tool.call("run", arguments));
        let recorded = entries(&dir);
        let [.., one, other] = recorded.as_slice() else { panic!("{texts:?} are not recorded") };
        assert_eq!(one.arguments == other.arguments, same, "{texts:?}");
    }
    let (_other_guard, other) = log_dir();
    call(&other);
    assert_ne!(entries(&other)[0].arguments, first.arguments);
}

/// A log that fails on request.
#[derive(Debug)]
struct Fails {
    ready: bool,
}

impl AuditSink for Fails {
    fn ready(&self) -> Result<(), AuditError> {
        if self.ready { Ok(()) } else { Err(AuditError::Busy { path: "nowhere".into() }) }
    }
    fn started(&self, _: &Started<'_>) -> Result<(), AuditError> {
        Err(AuditError::Busy { path: "nowhere".into() })
    }
    fn record(&self, _: &Invocation<'_>) -> Result<(), AuditError> {
        Err(AuditError::Busy { path: "nowhere".into() })
    }
}

#[test]
fn a_call_that_cannot_be_recorded_returns_no_answer() {
    let call = |ready| {
        let host = Host::builder().instances(1).audit(Arc::new(Fails { ready })).build().unwrap();
        sample(answers("\"the answer\"")).runnable(&host).call("run", "{}")
    };
    let ran = call(true);
    assert_fails(&ran, ErrorKind::CapabilityDenied, &["cannot be recorded", "its answer is withheld"]);
    assert!(!ran.json().contains("the answer") && ran.report().output_bytes > 0);
    assert_eq!(ran.code().map(|code| code.id), Some("MPP-R503"));
    let refused = call(false);
    assert_fails(&refused, ErrorKind::CapabilityDenied, &["cannot be recorded", "nothing was run"]);
    assert_eq!(refused.report().output_bytes, 0);
}

#[test]
fn an_unwritable_log_refuses_calls_before_they_run() {
    let (guard, _) = log_dir();
    let file = guard.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = sample(answers("1")).runnable(&recording(&file.join("audit"))).call("run", "{}");
    assert_fails(&output, ErrorKind::CapabilityDenied, &["nothing was run"]);
    assert_eq!(output.code().map(|code| code.id), Some("MPP-R501"));
}

fn many_calls(tool: &RunnablePackage) {
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..CALLS).for_each(|_| assert!(tool.call("run", "{}").outcome().is_ok())));
        }
    });
}

fn child(name: &str, dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--quiet"]).env(DIR, dir).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn given() -> PathBuf {
    std::env::var_os(DIR).map(PathBuf::from).expect("run by another test, with a directory")
}

#[test]
#[ignore = "run by the next test, in processes of its own"]
fn writes_from_eight_threads() {
    let dir = given();
    many_calls(&sample(answers("1")).runnable(&recording(&dir)));
}

#[test]
fn threads_and_processes_write_one_chain() {
    let (_guard, dir) = log_dir();
    let children: Vec<_> =
        (0..PROCESSES).map(|_| child("audit::writes_from_eight_threads", &dir).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let report = verify(&dir).unwrap().unwrap();
    let calls = PROCESSES * THREADS * CALLS;
    assert_eq!((report.records, report.last, report.after_head), (calls, calls, 0), "{report:?}");
    assert!(report.is_whole() && report.torn.is_empty(), "{report:?}");
}

#[test]
#[ignore = "run by the next test, in a process that is killed"]
fn writes_until_it_is_killed() {
    let tool = sample(answers("1")).runnable(&recording(&given()));
    loop {
        many_calls(&tool);
    }
}

#[test]
fn a_log_survives_writers_that_are_killed() {
    let (_guard, dir) = log_dir();
    let size = || std::fs::metadata(dir.join("log.jsonl")).map_or(0, |metadata| metadata.len());
    for round in 1..=12 {
        let before = size();
        let mut writers: Vec<_> =
            (0..2).map(|_| child("audit::writes_until_it_is_killed", &dir).spawn().unwrap()).collect();
        while size() < before + 20_000 * round {
            assert!(writers.iter_mut().all(|writer| writer.try_wait().unwrap().is_none()), "a writer ended by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        for mut writer in writers {
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
        let report = verify(&dir).unwrap().unwrap();
        assert!(report.is_whole(), "round {round}: {report:?}");
        assert!(report.torn.iter().filter(|torn| torn.before.is_none()).count() <= 1, "{report:?}");
        assert_eq!(report.records, report.last, "{report:?}");
    }
}
