//! Registries that fork, go back, or replace their log key, as a monitor sees them.
#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use bytes::Bytes;

use super::{key, monitor, origin, publish};
use crate::client::Contradiction;
use crate::log::sample::{ORIGIN, SampleLog, statement};
use crate::monitor::{Monitor, MonitorError, Report};
use crate::note::{Algorithm, Note, NoteSigner, VerifierKey};
use crate::protocol::files::{Revocations, WellKnown};
use crate::protocol::{Signed, Timestamp, paths};
use mpp_host::codes::Coded as _;

const NOON: u64 = 1_772_366_400;

fn root() -> VerifierKey {
    VerifierKey::new(ORIGIN, Algorithm::Ed25519, key(2).public()).unwrap()
}

/// Publishes a version of a package that is not watched, and so many more.
fn grow(log: &mut SampleLog, versions: std::ops::Range<u32>) {
    for version in versions {
        log.append(statement(3, publish("com.example.other", &format!("1.{version}.0"))));
    }
}

/// Writes what the registry signs besides its log, `minutes` after noon.
fn seal(log: &mut SampleLog, minutes: u64) {
    describe(log, WellKnown::first(origin(), key(2).public(), key(1).public()));
    let (head, issued) = (log.head(), Timestamp::from_secs(NOON + minutes * 60));
    let list = Revocations::new(origin(), head.size, head.root, issued, Timestamp::from_secs(NOON + 86_400));
    log.files.insert(paths::REVOCATIONS.to_owned(), bytes(list, 1));
}

fn bytes<T: crate::protocol::SignedFile>(file: T, seed: u8) -> Bytes {
    Signed::sign(file, &key(seed)).unwrap().bytes().to_vec().into()
}

fn describe(log: &mut SampleLog, description: WellKnown) {
    log.files.insert(paths::WELL_KNOWN.to_owned(), bytes(description, 2));
}

async fn look(monitor: &mut Monitor, log: &SampleLog) -> Result<Option<Report>, MonitorError> {
    // What a monitor remembers goes through its file each time.
    let patterns = vec!["com.example.watched".parse().unwrap()];
    *monitor = Monitor::resume(&monitor.to_bytes(), &origin(), patterns).unwrap();
    monitor.look(&log.files, &root(), Timestamp::from_secs(NOON + 60)).await
}

/// A log of 4 leaves, a larger one of 8 that a monitor has seen, and that monitor.
async fn seen() -> (SampleLog, SampleLog, Monitor) {
    let mut log = SampleLog::new();
    grow(&mut log, 0..3);
    seal(&mut log, 0);
    let before = log.clone();
    grow(&mut log, 3..7);
    seal(&mut log, 1);
    let mut monitor = monitor(&["com.example.watched"]);
    assert_eq!(look(&mut monitor, &log).await.unwrap().unwrap().size, 8);
    (before, log, monitor)
}

fn alarm(error: MonitorError) -> crate::client::Alarm {
    match error {
        MonitorError::Alarm(alarm) => *alarm,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_forked_log_is_an_alarm_with_both_checkpoints() {
    let (before, log, mut monitor) = seen().await;
    // As large as the known one, and larger.
    for versions in [10..14, 10..17] {
        let mut fork = before.clone();
        grow(&mut fork, versions);
        seal(&mut fork, 2);
        // The list contradicts the known one as well if it has its size.
        fork.files.remove(paths::REVOCATIONS);
        let alarm = alarm(look(&mut monitor, &fork).await.unwrap_err());
        assert_eq!((alarm.code().id, &alarm.contradiction), ("MPP-N024", &Contradiction::Fork));
        assert_eq!((alarm.known.size, alarm.known.root), (8, log.head().root));
        assert_eq!((alarm.found.size, alarm.found.root), (fork.head().size, fork.head().root));
        assert_eq!(alarm.known.evidence, log.signed().bytes());
        assert_eq!(alarm.found.evidence, fork.signed().bytes());
        let text = alarm.to_string();
        assert!(text.contains(&log.head().root.to_string()) && text.contains(&fork.head().root.to_string()), "{text}");
    }
    // Nothing of it was taken over.
    assert_eq!(look(&mut monitor, &log).await.unwrap().unwrap().from_size, 8);
}

#[tokio::test]
async fn a_log_that_went_back_is_an_alarm_when_the_registry_signs_again() {
    let (before, log, mut monitor) = seen().await;
    // A cache that is behind, whose later tiles are still there.
    let mut cache = log.clone();
    cache
        .files
        .extend([paths::CHECKPOINT, paths::REVOCATIONS].map(|path| (path.to_owned(), before.files[path].clone())));
    assert_eq!(look(&mut monitor, &cache).await.unwrap(), None);
    // A backup was restored: first it looks like a copy that is behind.
    let mut restored = before.clone();
    let error = look(&mut monitor, &restored).await.unwrap_err();
    assert!(matches!(error, MonitorError::Behind { found: 4, known: 8 }) && error.code() == "MPP-N022", "{error:?}");
    // Then the registry signs another list, for fewer leaves.
    seal(&mut restored, 60);
    let alarm = alarm(look(&mut monitor, &restored).await.unwrap_err());
    assert_eq!(alarm.code(), "MPP-N025");
    assert!(matches!(alarm.contradiction, Contradiction::Rollback { before, after } if before < after));
    assert_eq!((alarm.known.size, alarm.found.size), (8, 4));
    assert_eq!(alarm.known.evidence, log.files[paths::REVOCATIONS]);
    assert_eq!(alarm.found.evidence, restored.files[paths::REVOCATIONS]);
    // And when it has as many leaves again, they are others.
    grow(&mut restored, 20..30);
    seal(&mut restored, 61);
    assert_eq!(look(&mut monitor, &restored).await.unwrap_err().code(), "MPP-N024");
}

#[tokio::test]
async fn a_list_for_fewer_leaves_than_were_seen_is_an_alarm_also_if_no_list_had_as_many() {
    let (before, mut log, mut monitor) = seen().await;
    // Lists are signed every hour: the last one is older than the last leaves.
    grow(&mut log, 7..9);
    assert_eq!(look(&mut monitor, &log).await.unwrap().unwrap().size, 10);
    let mut restored = before.clone();
    grow(&mut restored, 20..25);
    seal(&mut restored, 5);
    assert_eq!(look(&mut monitor, &restored).await.unwrap_err().code(), "MPP-N022", "clocks may differ");
    seal(&mut restored, 7);
    let alarm = alarm(look(&mut monitor, &restored).await.unwrap_err());
    assert_eq!((alarm.code().id, alarm.known.size, alarm.found.size), ("MPP-N025", 10, 9));
    assert_eq!(alarm.known.evidence, log.signed().bytes());
    assert_eq!(alarm.found.evidence, restored.files[paths::REVOCATIONS]);
}

#[tokio::test]
async fn a_new_log_key_is_followed_and_must_count_from_the_known_log() {
    let (_, mut log, mut monitor) = seen().await;
    let old = log.clone();
    let mut next = WellKnown::first(origin(), key(2).public(), key(7).public());
    next.version = 2;
    (next.from_size, next.from_root) = (8, log.head().root);
    describe(&mut log, next.clone());
    let sign = |log: &mut SampleLog| {
        let mut note = Note::new(log.head().to_text()).unwrap();
        let signature = NoteSigner::log(ORIGIN, key(7)).unwrap().sign(note.text(), 0);
        note.add(signature);
        log.files.insert(paths::CHECKPOINT.to_owned(), note.to_bytes().into());
    };
    // The old key signs no more.
    assert_eq!(look(&mut monitor, &log).await.unwrap_err().code(), "MPP-N104");
    grow(&mut log, 7..9);
    sign(&mut log);
    assert_eq!(look(&mut monitor, &log).await.unwrap().unwrap().size, 10);
    // The description from before, with all that belonged to it.
    let error = look(&mut monitor, &old).await.unwrap_err();
    assert!(matches!(error, MonitorError::OldDescription { found: 1, known: 2 }), "{error:?}");
    // A third key, which counts from another tree.
    next.version = 3;
    next.from_root = crate::protocol::Digest::of(b"another root");
    describe(&mut log, next);
    let alarm = alarm(look(&mut monitor, &log).await.unwrap_err());
    assert_eq!((alarm.contradiction, alarm.known.size), (Contradiction::Fork, 8));
    assert_eq!(alarm.known.evidence, log.files[paths::WELL_KNOWN]);
}
