//! Tests of monitors: what they report, and registries that hide something.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use mpp_host::codes::Coded as _;
use semver::Version;

mod contradictions;

use super::*;
use crate::log::sample::{SampleLog, key, origin, statement};
use crate::protocol::files::{IndexFile, VersionRecord};
use crate::protocol::{Action, Body, DomainRecord, DomainState, Signed, TakedownReason, Timestamp, paths};

fn id(text: &str) -> PackageId {
    PackageId::parse(text).unwrap()
}

fn publish(package: &str, version: &str) -> Action {
    let digest = Digest::of(version.as_bytes());
    Action::Publish {
        package_id: id(package),
        version: Version::parse(version).unwrap(),
        content_hash: digest,
        archive_hash: digest,
        archive_size: 1,
        manifest_hash: digest,
    }
}

fn version(package: &str, version: &str) -> (PackageId, Version) {
    (id(package), Version::parse(version).unwrap())
}

fn record(version: &str, leaf_index: u64, seed: u8) -> VersionRecord {
    let digest = Digest::of(version.as_bytes());
    VersionRecord {
        version: Version::parse(version).unwrap(),
        leaf_index,
        time: 0,
        key: key(seed).public(),
        content_hash: digest,
        archive_hash: digest,
        archive_size: 1,
        manifest_hash: digest,
        name: "name".to_owned(),
        description: "A tool".to_owned(),
        license: None,
        capabilities: mpp_host::package::manifest::Capabilities::default(),
        tools: Vec::new(),
        yanked: false,
        taken_down: None,
    }
}

/// Writes the index file of `com.example.a` with these versions.
fn write_index(log: &mut SampleLog, tree_size: u64, versions: Vec<VersionRecord>) {
    let mut file = IndexFile::new(origin(), id("com.example.a"), tree_size, vec![key(3).public()]);
    file.versions = versions;
    sign_index(log, file);
}

fn sign_index(log: &mut SampleLog, file: IndexFile) {
    let path = paths::index(&file.package_id);
    log.files.insert(path, Signed::sign(file, &key(1)).unwrap().bytes().to_vec().into());
}

fn monitor(patterns: &[&str]) -> Monitor {
    Monitor::new(origin(), patterns.iter().map(|pattern| pattern.parse().unwrap()).collect())
}

async fn look(monitor: &mut Monitor, log: &SampleLog) -> Result<Report, MonitorError> {
    monitor.follow(&log.files, &log.head(), &key(1).public()).await
}

async fn faults(log: &SampleLog) -> Vec<IndexFaultKind> {
    let report = look(&mut monitor(&["com.example.a"]), log).await.unwrap();
    report.faults.into_iter().map(|fault| fault.kind).collect()
}

#[test]
fn patterns_match_at_the_borders_of_labels() {
    let matches = |pattern: &str, package: &str| pattern.parse::<Pattern>().unwrap().matches(&id(package));
    assert!(matches("com.example.*", "com.example.a") && matches("com.example.*", "com.example.a.b"));
    assert!(matches("com.example.a", "com.example.a") && matches("com.*", "com.example"));
    assert!(!matches("com.example.*", "com.example") && !matches("com.example.*", "com.examples.a"));
    assert!(!matches("com.example.a", "com.example.a.b") && !matches("com.example.a", "com.example.ab"));
    for bad in ["", "*", "com", "com.*.a", "Com.example.*", "com..*", "com.example.*.*"] {
        assert_eq!(bad.parse::<Pattern>().unwrap_err().code(), "MPP-N504", "{bad}");
    }
    let concerns = |pattern: &str, domain: &str| pattern.parse::<Pattern>().unwrap().concerns_domain(domain);
    assert!(concerns("com.example.*", "example.com") && concerns("com.example.a", "example.com"));
    assert!(concerns("com.*", "example.com") && !concerns("com.example.*", "examples.com"));
}

#[tokio::test]
async fn reports_changes_to_watched_packages_only_and_each_once() {
    let mut log = SampleLog::new();
    let mut watch = monitor(&["com.example.*"]);
    log.append(statement(3, publish("com.example.a", "1.0.0")));
    log.append(statement(4, publish("com.other.a", "1.0.0")));
    write_index(&mut log, 2, vec![record("1.0.0", 1, 3)]);
    let report = look(&mut watch, &log).await.unwrap();
    assert_eq!((report.from_size, report.size, report.faults.len()), (0, 3, 0));
    let kinds = |report: &Report| report.events.iter().map(|event| (event.leaf_index, event.kind)).collect::<Vec<_>>();
    assert_eq!(kinds(&report), [(1, "publish")]);
    assert_eq!(report.events[0].key, Some(key(3).public()));
    assert_eq!(report.events[0].package_id, Some(id("com.example.a")));

    // Nothing new, also after the state was saved and read again.
    let saved = watch.to_bytes();
    let mut watch = Monitor::resume(&saved, &origin(), vec!["com.example.*".parse().unwrap()]).unwrap();
    assert_eq!(look(&mut watch, &log).await.unwrap().events, []);

    let (package_id, number) = version("com.example.a", "1.0.0");
    log.append(statement(3, Action::Yank { package_id: package_id.clone(), version: number.clone() }));
    log.append(statement(3, Action::AddOwner { package_id: package_id.clone(), owner: key(5).public() }));
    log.append(statement(4, Action::Rotate { to: key(6).public() }));
    log.append(statement(3, Action::Rotate { to: key(7).public() }));
    let delegate = Action::Delegate {
        delegate: key(8).public(),
        package_ids: vec![id("com.other.b"), package_id.clone()],
        expires: Timestamp::from_secs(1_772_966_400),
    };
    log.append(statement(7, delegate));
    log.append(statement(8, publish("com.example.a", "1.1.0")));
    log.append(statement(7, Action::Revoke { revoked: key(5).public(), from_leaf: None }));
    log.append(Body::Domain(DomainRecord::new("example.com".to_owned(), DomainState::Lapsed, vec![])));
    log.append(Body::Domain(DomainRecord::new("other.example".to_owned(), DomainState::Lapsed, vec![])));
    let reason = TakedownReason::Legal;
    log.append(statement(9, Action::Takedown { package_id, version: number, reason, note: None }));
    let mut file =
        IndexFile::new(origin(), id("com.example.a"), log.head().size, vec![key(7).public(), key(5).public()]);
    let mut old = record("1.0.0", 1, 3);
    old.yanked = true;
    old.taken_down = Some(crate::protocol::files::TakenDown::new(12, reason));
    file.versions = vec![old, record("1.1.0", 8, 8)];
    sign_index(&mut log, file);
    let report = look(&mut watch, &log).await.unwrap();
    let expected = [
        (3, "yank"),
        (4, "add-owner"),
        (6, "rotate"),
        (7, "delegate"),
        (8, "publish"),
        (9, "revoke"),
        (10, "domain"),
        (12, "takedown"),
    ];
    assert_eq!(kinds(&report), expected);
    assert_eq!((report.findings, report.faults), (vec![], vec![]));
}

#[tokio::test]
async fn finds_leaves_that_break_the_rules() {
    let mut log = SampleLog::new();
    log.append(statement(3, publish("com.example.a", "1.0.0")));
    log.append(statement(4, publish("com.example.a", "1.1.0")));
    log.append(statement(3, publish("com.example.a", "1.0.0+again")));
    let (package_id, number) = version("com.example.a", "1.0.0");
    log.append(statement(4, Action::Yank { package_id, version: number }));
    let report = look(&mut monitor(&["com.example.a"]), &log).await.unwrap();
    let findings: Vec<_> =
        report.findings.iter().map(|finding| (finding.leaf_index, finding.reason.as_str())).collect();
    let expected = [
        (2, "version 1.1.0 was published by a key that is neither an owner nor a delegate"),
        (3, "version 1.0.0+again was published before, by leaf 1"),
        (4, "`yank` is signed by a key that is not an owner"),
    ];
    assert_eq!(findings, expected);
}

#[tokio::test]
async fn notices_index_files_that_hide_invent_or_change() {
    let mut log = SampleLog::new();
    log.append(statement(3, publish("com.example.a", "1.0.0")));
    log.append(statement(3, publish("com.example.a", "1.1.0")));
    let good = || vec![record("1.0.0", 1, 3), record("1.1.0", 2, 3)];
    write_index(&mut log, 3, good());
    assert_eq!(faults(&log).await, []);

    write_index(&mut log, 3, good()[..1].to_vec());
    assert_eq!(faults(&log).await, [IndexFaultKind::Hidden { version: "1.1.0".to_owned() }]);
    let mut invented = good();
    invented.push(record("2.0.0", 2, 3));
    write_index(&mut log, 3, invented);
    assert_eq!(faults(&log).await, [IndexFaultKind::Invented { version: "2.0.0".to_owned() }]);
    type Change = fn(&mut VersionRecord);
    let changes: [(&str, Change); 6] = [
        ("leaf index", |record| record.leaf_index = 1),
        ("key", |record| record.key = key(4).public()),
        ("content hash", |record| record.content_hash = Digest::of(b"x")),
        ("archive hash", |record| record.archive_hash = Digest::of(b"x")),
        ("yank", |record| record.yanked = true),
        ("takedown", |record| {
            record.taken_down = Some(crate::protocol::files::TakenDown::new(1, TakedownReason::Malware));
        }),
    ];
    for (what, change) in changes {
        let mut versions = good();
        change(&mut versions[1]);
        write_index(&mut log, 3, versions);
        assert_eq!(faults(&log).await, [IndexFaultKind::Different { version: "1.1.0".to_owned(), what }]);
    }
    let mut file = IndexFile::new(origin(), id("com.example.a"), 3, vec![key(4).public()]);
    file.versions = good();
    sign_index(&mut log, file);
    assert_eq!(faults(&log).await, [IndexFaultKind::Owners]);

    // What may pass: late, early, missing, or not signed by the log.
    write_index(&mut log, 2, good());
    assert_eq!(faults(&log).await, [IndexFaultKind::Late { tree_size: 2, changed: 2 }]);
    write_index(&mut log, 4, good());
    assert_eq!(faults(&log).await, [IndexFaultKind::Ahead { tree_size: 4 }]);
    let path = paths::index(&id("com.example.a"));
    let forged = Signed::sign(IndexFile::new(origin(), id("com.example.a"), 3, vec![]), &key(9)).unwrap();
    for bytes in [Some(forged.bytes().to_vec()), None] {
        match bytes {
            Some(bytes) => drop(log.files.insert(path.clone(), bytes.into())),
            None => drop(log.files.remove(&path)),
        }
        let faults = faults(&log).await;
        assert!(matches!(&faults[..], [kind @ IndexFaultKind::Unreadable(_)] if kind.may_pass()), "{faults:?}");
    }
}

#[tokio::test]
async fn a_fork_a_rollback_and_a_leaf_that_is_not_in_the_tree_end_the_watch() {
    let mut log = SampleLog::new();
    log.append(statement(3, publish("com.example.a", "1.0.0")));
    let mut fork = log.clone();
    log.append(statement(3, publish("com.example.a", "1.1.0")));
    fork.append(statement(4, publish("com.example.b", "1.0.0")));
    let mut watch = monitor(&["com.example.a"]);
    look(&mut watch, &log).await.unwrap();
    let before = watch.to_bytes();
    // Signed anew with other leaves: as large, larger, and smaller.
    assert_eq!(look(&mut watch, &fork).await.unwrap_err().code(), "MPP-N112");
    fork.append(statement(4, publish("com.example.c", "1.0.0")));
    assert_eq!(look(&mut watch, &fork).await.unwrap_err().code(), "MPP-N112");
    let mut short = SampleLog::new();
    assert_eq!(look(&mut watch, &short).await.unwrap_err().code(), "MPP-N112");
    short.append(statement(4, publish("com.example.c", "1.0.0")));

    let mut broken = log.clone();
    broken.append(statement(3, publish("com.example.a", "1.2.0")));
    let other = short.files[&paths::entries(0, 2)].clone();
    let bundle = [&broken.files[&paths::entries(0, 3)][..], &other[other.len() / 2..]].concat();
    broken.files.insert(paths::entries(0, 4), bundle.into());
    let error = look(&mut watch, &broken).await.unwrap_err();
    assert_eq!(error.code(), "MPP-N111", "{error}");
    assert_eq!(watch.to_bytes(), before, "after an error, the monitor is where it was");
    look(&mut watch, &log).await.unwrap();

    for bytes in [
        &b"{}"[..],
        b"",
        &String::from_utf8_lossy(&before).replace(crate::log::sample::ORIGIN, "other.example").into_bytes(),
    ] {
        assert_eq!(Monitor::resume(bytes, &origin(), vec![]).unwrap_err().code(), "MPP-N503");
    }
    // Other patterns: from the beginning.
    let mut other = Monitor::resume(&before, &origin(), vec!["com.example.b".parse().unwrap()]).unwrap();
    assert_eq!(other.checkpoint().size, 0);
    assert_eq!(look(&mut other, &log).await.unwrap().from_size, 0);
}

#[tokio::test]
async fn a_webhook_gets_reports_and_only_this_machine_without_encryption() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut requests = Vec::new();
        for status in ["204 No Content", "500 Internal Server Error"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut request, mut part) = (Vec::new(), [0; 1024]);
            while !request.ends_with(b"{}") {
                let count = stream.read(&mut part).await.unwrap();
                request.extend(&part[..count]);
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            requests.push(String::from_utf8(request).unwrap());
        }
        requests
    });
    let webhook = Webhook::new(&format!("http://{address}/hooks/registry?token=a")).unwrap();
    webhook.send(b"{}").await.unwrap();
    assert_eq!(webhook.send(b"{}").await.unwrap_err().code(), "MPP-N510");
    let requests = server.await.unwrap();
    assert!(requests[0].starts_with("POST /hooks/registry?token=a HTTP/1.1\r\n"), "{}", requests[0]);
    assert_eq!(Webhook::new("http://example.com/hook").unwrap_err().code(), "MPP-N041");
    assert_eq!(Webhook::new("nonsense").unwrap_err().code(), "MPP-N040");
}
