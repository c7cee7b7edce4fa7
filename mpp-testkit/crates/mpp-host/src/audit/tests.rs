//! Tests the chain: every way to tamper with a log is found, and writers continue after a crash.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use super::head::Head;
use super::seal::Seal;
use super::{
    ArgumentsText, AuditLog, AuditReport, AuditSink, Finding, Invocation, Record, Started, Subject, TornLine, read,
    verify,
};
use crate::causes::with_causes;
use crate::codes::Coded as _;
use crate::host::Accesses;
use crate::keys::{KeyRole, SigningKey};
use crate::package::ContentHash;
use crate::privacy::RedactionReport;

struct Log {
    dir: tempfile::TempDir,
    clock: AtomicU64,
}

impl Log {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory"), clock: AtomicU64::new(0) }
    }

    /// Returns a log with `records` records, each by a separate writer.
    fn with(records: u64) -> Self {
        let log = Self::new();
        for _ in 0..records {
            log.write(&log.open(), 1);
        }
        log
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("audit")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn open(&self) -> AuditLog {
        AuditLog::new(self.path())
    }

    /// Writes records with pauses between them, so that the lock is released after each.
    fn write(&self, sink: &AuditLog, records: u64) {
        for _ in 0..records {
            let at = Duration::from_secs(self.clock.fetch_add(1, Ordering::Relaxed));
            record(sink, at).expect("recorded");
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file("log.jsonl")).expect("the log");
        text.lines().map(str::to_owned).collect()
    }

    fn put(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(self.file("log.jsonl"), text).expect("written");
    }

    fn append(&self, bytes: &[u8]) {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().append(true).open(self.file("log.jsonl")).expect("the log");
        file.write_all(bytes).expect("written");
    }

    fn verify(&self) -> AuditReport {
        verify(&self.path()).expect("verified").expect("there is a log")
    }
}

fn subject() -> Subject {
    let key = SigningKey::from_seed(&[7; 32], KeyRole::Publisher).public();
    let key = (key, key.id(KeyRole::Publisher));
    Subject::of(("com.example.a", "1.0.0"), ContentHash::of(b"x"), key, &[], vec!["TOKEN".to_owned()])
}

fn start(sink: &AuditLog, id: &str, at: Duration) {
    let started = Started { id, time: UNIX_EPOCH + at, subject: &subject(), tool: "find", monotonic: at };
    sink.started(&started).expect("recorded");
}

fn record(sink: &AuditLog, at: Duration) -> Result<(), super::AuditError> {
    record_as(sink, "series-1", at)
}

fn record_as(sink: &AuditLog, id: &str, at: Duration) -> Result<(), super::AuditError> {
    sink.ready()?;
    let subject = subject();
    let redactions = RedactionReport::default();
    let accesses = Accesses { hosts: ["api.example.com".to_owned()].into(), kv: true, ..Accesses::default() };
    sink.record(&Invocation {
        id,
        time: UNIX_EPOCH + at,
        subject: &subject,
        tool: Some("find"),
        arguments: ArgumentsText("{\"query\":\"the arguments\"}"),
        outcome: "ok",
        code: None,
        duration: Duration::from_micros(15),
        redactions: &redactions,
        log_redactions: &redactions,
        accesses: &accesses,
        monotonic: at,
    })
}

fn refused(log: &Log, words: &str) {
    let error = record(&log.open(), Duration::ZERO).expect_err(words);
    assert_eq!(error.code(), "MPP-R502", "{error}");
    let message = with_causes(&error);
    assert!(message.contains(words), "{message}");
}

#[test]
fn an_untouched_log_is_intact() {
    assert!(matches!(verify(&Log::new().path()), Ok(None)));
    let log = Log::with(3);
    log.write(&log.open(), 3);
    let report = log.verify();
    assert_eq!((report.records, report.last, report.after_head), (6, 6, 0));
    assert!(report.is_whole() && report.torn.is_empty(), "{report:?}");
    let mut found = Vec::new();
    read(&log.path(), |listed| found.push(listed)).expect("read");
    assert!(found.iter().all(|listed| listed.is_sealed));
    let entry = found[5].record.ended().expect("an outcome");
    assert_eq!((entry.number, entry.time.as_str(), entry.outcome.as_str()), (6, "1970-01-01T00:00:05.000Z", "ok"));
    assert_eq!((entry.hosts.as_slice(), entry.kv), (["api.example.com".to_owned()].as_slice(), true));
    assert!(!log.lines().concat().contains("the arguments"));
}

#[test]
fn an_error_of_the_system_is_the_source() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("file");
    std::fs::write(&file, "").expect("written");
    let error = record(&AuditLog::new(file.join("audit")), Duration::ZERO).expect_err("no directory");
    assert_eq!(error.code(), "MPP-R501", "{error}");
    let source = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::AlreadyExists));
    assert!(!error.to_string().contains("exists") && with_causes(&error).ends_with(": file exists"));
}

#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let log = Log::with(1);
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&log.path()), 0o700);
    for name in ["log.jsonl", "head", "key"] {
        assert_eq!(mode(&log.file(name)), 0o600, "{name}");
    }
    std::fs::set_permissions(log.file("key"), std::fs::Permissions::from_mode(0o644)).expect("changed");
    refused(&log, "`key` is missing, or other users can read it");
}

type Change = fn(&mut Vec<String>);

#[test]
fn every_kind_of_tampering_is_found_and_named() {
    let table: &[(&str, Change, &[Finding])] = &[
        (
            "a word changed",
            |lines| lines[2] = lines[2].replace("\"ok\"", "\"timeout\""),
            &[Finding::Changed { line: 3, record: 3 }],
        ),
        ("a record deleted", |lines| drop(lines.remove(2)), &[Finding::Missing { from: 3, to: 3 }]),
        ("two deleted", |lines| drop(lines.drain(1..3)), &[Finding::Missing { from: 2, to: 3 }]),
        ("the first deleted", |lines| drop(lines.remove(0)), &[Finding::Missing { from: 1, to: 1 }]),
        ("two exchanged", |lines| lines.swap(2, 3), &[Finding::OutOfOrder { line: 4, record: 3 }]),
        ("one twice", |lines| lines.insert(3, lines[2].clone()), &[Finding::OutOfOrder { line: 4, record: 3 }]),
        ("one added", |lines| lines.insert(3, lines[2].replace("find", "edit")), &[Finding::Foreign { line: 4 }]),
        ("an empty line", |lines| lines.insert(1, String::new()), &[Finding::Foreign { line: 2 }]),
        ("the last cut off", |lines| drop(lines.pop()), &[Finding::CutOff { from: 6, to: 6 }]),
        ("all cut off", Vec::clear, &[Finding::CutOff { from: 1, to: 6 }]),
        ("half of the last one removed", |lines| lines[5].truncate(200), &[Finding::Changed { line: 6, record: 6 }]),
        (
            "one changed, one deleted, the last cut off",
            |lines| {
                lines[0] = lines[0].replace("find", "edit");
                lines.remove(3);
                lines.pop();
            },
            &[
                Finding::Changed { line: 1, record: 1 },
                Finding::CutOff { from: 6, to: 6 },
                Finding::Missing { from: 4, to: 4 },
            ],
        ),
    ];
    for (name, change, expected) in table {
        let log = Log::with(6);
        let mut lines = log.lines();
        change(&mut lines);
        log.put(&lines);
        let report = log.verify();
        assert_eq!(report.findings, *expected, "{name}: {report:?}");
        assert!(!report.is_whole() && report.torn.is_empty(), "{name}");
    }
}

#[test]
fn a_modified_removed_or_restored_head_is_found() {
    let log = Log::with(3);
    let old = std::fs::read(log.file("head")).expect("the head");
    log.write(&log.open(), 3);
    std::fs::write(log.file("head"), &old).expect("put back");
    assert_eq!(log.verify().findings, [Finding::OldHead { found: 3, expected: 5 }]);
    refused(&log, "`head` is older than the one that its lines name");

    let log = Log::with(2);
    let mut head = std::fs::read(log.file("head")).expect("the head");
    head[36] ^= 1;
    std::fs::write(log.file("head"), &head).expect("changed");
    assert_eq!(log.verify().findings, [Finding::NoHead]);
    refused(&log, "`head` was modified");

    std::fs::remove_file(log.file("head")).expect("removed");
    assert_eq!(log.verify().findings, [Finding::NoHead]);
    refused(&log, "has records but no `head`");
    assert_eq!(log.verify().findings, [Finding::NoHead], "a refused writer repairs nothing");
}

#[test]
fn a_log_that_was_restored_from_a_copy_and_continued_is_found() {
    let log = Log::with(3);
    let (lines, head) = (log.lines(), std::fs::read(log.file("head")).expect("the head"));
    log.write(&log.open(), 2);
    let first = log.lines();
    // Restores three lines and the head of that time. This leaves no trace until a line of the other history is put in.
    log.put(&lines);
    std::fs::write(log.file("head"), &head).expect("put back");
    log.write(&log.open(), 2);
    assert!(log.verify().is_whole());
    let mut mixed = log.lines();
    mixed[3].clone_from(&first[3]);
    log.put(&mixed);
    assert_eq!(log.verify().findings, [Finding::Forked { line: 5, record: 5 }]);
}

#[test]
fn a_writer_continues_on_a_new_line_after_a_torn_one() {
    let log = Log::with(2);
    let torn = &log.lines()[1][..100];
    log.append(torn.as_bytes());
    let report = log.verify();
    assert_eq!(report.torn, [TornLine { line: 3, bytes: 100, before: None }]);
    assert!(report.is_whole(), "{report:?}");

    log.write(&log.open(), 2);
    let report = log.verify();
    assert_eq!(report.torn, [TornLine { line: 3, bytes: 100, before: Some(3) }]);
    assert!(report.is_whole() && report.last == 4, "{report:?}");
    assert_eq!(log.lines()[2], torn);

    // A torn line must not be changed or extended afterwards either.
    let mut lines = log.lines();
    lines[2].push('x');
    log.put(&lines);
    assert_eq!(log.verify().findings, [Finding::Foreign { line: 3 }]);
}

#[test]
fn a_writer_killed_while_continuing_leaves_an_intact_log() {
    let log = Log::with(1);
    log.append(b"{\"n\":2,\"prev\":");
    log.append(b"\n{\"n\":2,");
    assert!(log.verify().is_whole(), "{:?}", log.verify());
    // A writer that was killed after the complete line but before the head leaves the previous head in place.
    let head = std::fs::read(log.file("head")).expect("the head");
    log.write(&log.open(), 1);
    std::fs::write(log.file("head"), head).expect("put back");
    let report = log.verify();
    assert_eq!((report.is_whole(), report.last, report.after_head), (true, 2, 1), "{report:?}");
    log.write(&log.open(), 1);
    let report = log.verify();
    assert_eq!((report.is_whole(), report.last, report.after_head), (true, 3, 0), "{report:?}");
    assert_eq!(report.torn, [TornLine { line: 2, bytes: 22, before: Some(2) }]);
}

#[test]
fn a_writer_does_not_continue_a_damaged_log() {
    let log = Log::with(4);
    let open = log.open();
    log.write(&open, 1);
    let mut lines = log.lines();
    lines.pop();
    log.put(&lines);
    refused(&log, "lines were removed from its end");
    assert!(record(&open, Duration::from_secs(100)).is_err(), "a writer that had the log open is refused as well");

    let log = Log::with(1);
    std::fs::write(log.file("key"), [1; 32]).expect("changed");
    refused(&log, "`head` was modified");
    std::fs::remove_file(log.file("key")).expect("removed");
    refused(&log, "`key` is missing");
    std::fs::write(log.file("key"), b"short").expect("changed");
    assert!(record(&log.open(), Duration::ZERO).is_err());
    assert!(verify(&log.path()).is_err());
}

#[test]
fn a_busy_writer_releases_the_lock_after_a_while() {
    let log = Log::new();
    let (busy, other) = (log.open(), log.open());
    // All records have the same time, so the calls count as consecutive.
    for _ in 0..100 {
        record(&busy, Duration::ZERO).expect("recorded");
    }
    record(&other, Duration::ZERO).expect("recorded, after a while");
    for _ in 0..100 {
        record(&busy, Duration::ZERO).expect("recorded");
    }
    drop(busy);
    let report = log.verify();
    assert_eq!((report.records, report.after_head), (201, 0));
    assert!(report.is_whole(), "{report:?}");
}

#[test]
fn a_locked_log_fails_the_call_and_the_next_one_at_once() {
    let log = Log::with(1);
    let holder = std::fs::File::open(log.file("head")).expect("the head");
    holder.lock().expect("locked");
    let sink = log.open();
    assert_eq!(record(&sink, Duration::ZERO).expect_err("held").code(), "MPP-R503");
    assert_eq!(record(&sink, Duration::ZERO).expect_err("still held").code(), "MPP-R503");
    holder.unlock().expect("unlocked");
    record(&sink, Duration::ZERO).expect("recorded");
    assert!(log.verify().is_whole());
}

/// Returns the number and the outcome of each call in the log.
fn listed(log: &Log) -> Vec<(u64, String)> {
    let mut calls = Vec::new();
    read(&log.path(), |listed| calls.push((listed.record.number(), listed.record.outcome().to_owned()))).expect("read");
    calls
}

#[test]
fn a_call_that_has_started_and_not_ended_is_interrupted() {
    let log = Log::with(1);
    let sink = log.open();
    start(&sink, "a-1", Duration::from_secs(10));
    start(&sink, "b-1", Duration::from_secs(20));
    let outcome = |number, outcome: &str| (number, outcome.to_owned());
    assert_eq!(listed(&log), [outcome(1, "ok"), outcome(2, "interrupted"), outcome(3, "interrupted")]);
    record_as(&sink, "b-1", Duration::from_secs(30)).expect("recorded");
    drop(sink);
    assert_eq!(listed(&log), [outcome(1, "ok"), outcome(2, "interrupted"), outcome(4, "ok")]);

    let report = log.verify();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.records, report.last), (4, 4));
    let [call] = report.interrupted.as_slice() else { unreachable!("{report:?}") };
    let found = (call.number, call.id.as_str(), call.package_id.as_str(), call.tool.as_str(), call.time.as_str());
    assert_eq!(found, (2, "a-1", "com.example.a", "find", "1970-01-01T00:00:10.000Z"));
    let json = serde_json::to_value(Record::Interrupted(call.clone())).expect("serialises");
    assert_eq!((&json["outcome"], &json["n"], json.get("event")), (&"interrupted".into(), &2.into(), None));
    // The record is small: it names the call and the package, and nothing that the call was given.
    let line = &log.lines()[1];
    assert!(line.len() < 520 && !line.contains("TOKEN"), "{line}");
}

#[test]
fn an_outcome_that_was_put_in_does_not_end_a_call() {
    let log = Log::new();
    let sink = log.open();
    start(&sink, "a-1", Duration::from_secs(1));
    drop(sink);
    let forged = Log::with(1).lines()[0].replace("series-1", "a-1");
    log.append(format!("{forged}\n").as_bytes());
    let outcomes: Vec<String> = listed(&log).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, ["interrupted", "ok"], "the forged line is listed as changed, and closes nothing");
    let report = log.verify();
    assert_eq!((report.findings.as_slice(), report.interrupted.len()), ([Finding::Foreign { line: 2 }].as_slice(), 1));
}

#[test]
fn an_older_log_without_key_ids_is_read_verified_and_continued() {
    let log = Log::with(1);
    let seal = Seal::new(&std::fs::read(log.file("key")).expect("the key")).expect("a key");
    let new = log.lines().remove(0);
    let key_id = subject().key_id().expect("a key").to_string();
    let (sealed, _) = new.split_once(",\"mac\":").expect("a seal");
    let old = sealed.replacen(&format!(",\"key_id\":\"{key_id}\""), "", 1);
    assert!(old.len() < sealed.len(), "{sealed}");
    let last = seal.line(old.as_bytes());
    let mut line = old.into_bytes();
    line.extend_from_slice(b",\"mac\":\"");
    last.write_hex(&mut line);
    line.extend_from_slice(b"\"}\n");
    let mut head = Vec::new();
    Head { number: 1, bytes: line.len() as u64, last }.write(&seal, &mut head);
    std::fs::write(log.file("log.jsonl"), &line).expect("written");
    std::fs::write(log.file("head"), &head).expect("written");

    log.write(&log.open(), 1);
    let mut calls = Vec::new();
    read(&log.path(), |listed| calls.push(listed)).expect("read");
    assert!(calls.iter().all(|listed| listed.is_sealed), "{calls:#?}");
    let entries: Vec<_> = calls.iter().filter_map(|listed| listed.record.ended()).collect();
    let ids: Vec<_> = entries.iter().map(|entry| entry.key_id.as_ref().map(ToString::to_string)).collect();
    assert_eq!(ids, [None, Some(key_id)]);
    assert_eq!(entries[0].key, entries[1].key);
    let report = log.verify();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(report.records, 2);
}
