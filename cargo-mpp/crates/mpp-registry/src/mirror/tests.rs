//! Tests of mirrors: what they fetch, verify, keep and refuse.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use mpp_host::codes::Coded as _;
use semver::Version;

use super::*;
use crate::log::sample::{ORIGIN, SampleLog, key, origin, statement};
use crate::protocol::{Action, PackageId, TakedownReason, Timestamp};

/// A registry that can be changed and switched off, and counts requests.
#[derive(Default)]
struct Registry {
    files: std::sync::Mutex<HashMap<String, Bytes>>,
    is_off: std::sync::atomic::AtomicBool,
    reads: AtomicUsize,
}

impl Files for Registry {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let answer = match self.is_off.load(Ordering::SeqCst) {
            true => Err("switched off".into()),
            false => Ok(self.files.lock().unwrap().get(path).cloned()),
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Registry {
    fn serve(&self, log: &SampleLog) {
        self.files.lock().unwrap().extend(log.files.clone());
    }
    fn put(&self, path: &str, bytes: impl Into<Bytes>) {
        self.files.lock().unwrap().insert(path.to_owned(), bytes.into());
    }
}

fn id(text: &str) -> PackageId {
    PackageId::parse(text).unwrap()
}

fn publish(package: &str, archive: &[u8]) -> Action {
    let digest = Digest::of(archive);
    Action::Publish {
        package_id: id(package),
        version: Version::new(1, 0, 0),
        content_hash: digest,
        archive_hash: digest,
        archive_size: archive.len() as u64,
        manifest_hash: Digest::of(b"manifest"),
    }
}

fn root() -> VerifierKey {
    VerifierKey::new(ORIGIN, Algorithm::Ed25519, key(2).public()).unwrap()
}

fn description(version: u64, log_seed: u8) -> Vec<u8> {
    let mut description = WellKnown::first(origin(), key(2).public(), key(log_seed).public());
    description.version = version;
    Signed::sign(description, &key(2)).unwrap().bytes().to_vec()
}

fn index(tree_size: u64, seed: u8) -> Vec<u8> {
    let file = IndexFile::new(origin(), id("com.example.a"), tree_size, vec![key(3).public()]);
    Signed::sign(file, &key(seed)).unwrap().bytes().to_vec()
}

/// A registry with one package, and a mirror of it.
async fn mirrored() -> (Arc<Registry>, SampleLog, Mirror) {
    let registry = Arc::new(Registry::default());
    let mut log = SampleLog::new();
    log.append(statement(3, publish("com.example.a", b"archive")));
    registry.serve(&log);
    registry.put(paths::WELL_KNOWN, description(1, 1));
    registry.put(&paths::blob(&Digest::of(b"archive")), Bytes::from_static(b"archive"));
    registry.put("index/com.example.a.json", index(2, 1));
    let mirror = open(&registry, &Store::memory()).await;
    mirror.refresh().await.unwrap();
    (registry, log, mirror)
}

async fn open(registry: &Arc<Registry>, store: &Store) -> Mirror {
    Mirror::open(Arc::clone(registry) as Arc<dyn Files>, store.clone(), root(), None).await.unwrap()
}

async fn stored(mirror: &Mirror, path: &str) -> Option<Bytes> {
    mirror.store().get(path).await.unwrap().map(|object| object.bytes)
}

#[tokio::test]
async fn serves_the_registrys_files_unchanged_also_when_the_registry_is_gone() {
    let (registry, log, mirror) = mirrored().await;
    assert_eq!(mirror.size().await, 2);
    for path in [paths::CHECKPOINT.to_owned(), paths::tile(0, 0, 2), paths::entries(0, 2), paths::WELL_KNOWN.to_owned()]
    {
        let original = registry.files.lock().unwrap()[&path].clone();
        assert_eq!(stored(&mirror, &path).await, Some(original), "{path}");
    }
    // Packages and derived files come when they are asked for, once.
    let blob = paths::blob(&Digest::of(b"archive"));
    assert_eq!(stored(&mirror, &blob).await, None);
    for path in [blob.as_str(), "index/com.example.a.json"] {
        mirror.prepare(path).await.unwrap();
        assert_eq!(stored(&mirror, path).await, registry.files.lock().unwrap().get(path).cloned());
        let before = registry.reads.load(Ordering::SeqCst);
        mirror.prepare(path).await.unwrap();
        assert_eq!(registry.reads.load(Ordering::SeqCst), before, "{path} is not fetched again at once");
    }
    // Objects that no leaf names are not fetched.
    let other = paths::blob(&Digest::of(b"other"));
    registry.put(&other, Bytes::from_static(b"other"));
    mirror.prepare(&other).await.unwrap();
    assert_eq!(stored(&mirror, &other).await, None);

    registry.is_off.store(true, Ordering::SeqCst);
    assert_eq!(mirror.refresh().await.unwrap_err().code(), "MPP-N508");
    mirror.looks.lock().unwrap().clear();
    mirror.prepare("index/com.example.a.json").await.unwrap();
    mirror.prepare(paths::CHECKPOINT).await.unwrap();
    // A mirror that is started again goes on from its store.
    let again = open(&registry, mirror.store()).await;
    assert_eq!(again.size().await, log.head().size);
}

#[tokio::test]
async fn never_moves_back_and_notices_a_fork() {
    let (registry, mut log, mirror) = mirrored().await;
    let old = log.clone();
    let mut fork = log.clone();
    log.append(statement(4, publish("com.example.b", b"b")));
    fork.append(statement(5, publish("com.example.b", b"c")));
    registry.serve(&log);
    mirror.refresh().await.unwrap();
    let newest = stored(&mirror, paths::CHECKPOINT).await;
    // An older checkpoint is a cache that is behind.
    registry.put(paths::CHECKPOINT, old.files[paths::CHECKPOINT].clone());
    mirror.refresh().await.unwrap();
    assert_eq!(stored(&mirror, paths::CHECKPOINT).await, newest);
    // Another one of the same size, or a larger one with another past.
    registry.serve(&fork);
    assert_eq!(mirror.refresh().await.unwrap_err().code(), "MPP-N112");
    fork.append(statement(5, publish("com.example.d", b"d")));
    registry.serve(&fork);
    let error = mirror.refresh().await.unwrap_err();
    assert!(["MPP-N111", "MPP-N112"].contains(&error.code().id), "{error}");
    assert_eq!(stored(&mirror, paths::CHECKPOINT).await, newest);
}

#[tokio::test]
async fn refuses_what_is_not_the_registrys() {
    let (registry, mut log, mirror) = mirrored().await;
    let blob = paths::blob(&Digest::of(b"archive"));
    registry.put(&blob, Bytes::from_static(b"changed"));
    assert_eq!(mirror.prepare(&blob).await.unwrap_err().code(), "MPP-N138");
    assert_eq!(stored(&mirror, &blob).await, None);

    let path = "index/com.example.a.json";
    let other = IndexFile::new(origin(), id("com.example.b"), 2, vec![]);
    let other = Signed::sign(other, &key(1)).unwrap().bytes().to_vec();
    for (bytes, code) in [(index(2, 9), "MPP-N002"), (other, "MPP-N138"), (b"{}".to_vec(), "MPP-N001")] {
        mirror.looks.lock().unwrap().clear();
        registry.put(path, bytes);
        assert_eq!(mirror.prepare(path).await.unwrap_err().code(), code);
        assert_eq!(stored(&mirror, path).await, None);
    }
    // A file that leads the checkpoint waits for it.
    mirror.looks.lock().unwrap().clear();
    registry.put(path, index(3, 1));
    mirror.prepare(path).await.unwrap();
    assert_eq!(stored(&mirror, path).await, None);
    log.append(statement(4, publish("com.example.b", b"b")));
    registry.serve(&log);
    mirror.looks.lock().unwrap().clear();
    mirror.prepare(path).await.unwrap();
    assert_eq!((stored(&mirror, path).await.is_some(), mirror.size().await), (true, 3));
    // And an older one does not replace it.
    mirror.looks.lock().unwrap().clear();
    registry.put(path, index(2, 1));
    mirror.prepare(path).await.unwrap();
    assert_eq!(tree_size(&stored(&mirror, path).await.unwrap()), Some(3));

    // Another root key, and the store of another registry.
    registry.put(
        paths::WELL_KNOWN,
        Signed::sign(WellKnown::first(origin(), key(8).public(), key(1).public()), &key(8)).unwrap().bytes().to_vec(),
    );
    assert_eq!(mirror.refresh().await.unwrap_err().code(), "MPP-N002");
    let stranger = VerifierKey::new("other.example.com", Algorithm::Ed25519, key(2).public()).unwrap();
    let opened = Mirror::open(Arc::clone(&registry) as Arc<dyn Files>, mirror.store().clone(), stranger, None).await;
    assert_eq!(opened.unwrap_err().code(), "MPP-N003");
}

#[tokio::test]
async fn follows_takedowns_and_a_replaced_log_key() {
    let (registry, mut log, mirror) = mirrored().await;
    let blob = paths::blob(&Digest::of(b"archive"));
    mirror.prepare(&blob).await.unwrap();
    assert!(stored(&mirror, &blob).await.is_some());
    let takedown = Action::Takedown {
        package_id: id("com.example.a"),
        version: Version::new(1, 0, 0),
        reason: TakedownReason::Malware,
        note: None,
    };
    log.append(statement(9, takedown));
    registry.serve(&log);
    mirror.refresh().await.unwrap();
    assert_eq!(stored(&mirror, &blob).await, None);
    mirror.prepare(&blob).await.unwrap();
    assert_eq!(stored(&mirror, &blob).await, None, "what was taken down is not fetched again");

    // A new log key, named by the next description.
    let mut note = crate::note::Note::new(log.head().to_text()).unwrap();
    let signer = crate::note::NoteSigner::log(ORIGIN, key(7)).unwrap();
    note.add(signer.sign(&log.head().to_text(), 0));
    registry.put(paths::CHECKPOINT, note.to_bytes());
    assert_eq!(mirror.refresh().await.unwrap_err().code(), "MPP-N104");
    registry.put(paths::WELL_KNOWN, description(2, 7));
    mirror.refresh().await.unwrap();
    assert_eq!(stored(&mirror, paths::CHECKPOINT).await, Some(note.to_bytes().into()));
    // An older description does not bring the old key back.
    registry.put(paths::WELL_KNOWN, description(1, 1));
    mirror.refresh().await.unwrap();
    assert_eq!(stored(&mirror, paths::WELL_KNOWN).await, Some(description(2, 7).into()));
    let revocations = Revocations::new(origin(), 3, log.head().root, Timestamp::from_secs(1), Timestamp::from_secs(2));
    let revocations = |seed| Signed::sign(revocations.clone(), &key(seed)).unwrap().bytes().to_vec();
    registry.put(paths::REVOCATIONS, revocations(1));
    assert_eq!(mirror.prepare(paths::REVOCATIONS).await.unwrap_err().code(), "MPP-N002");
    mirror.looks.lock().unwrap().clear();
    registry.put(paths::REVOCATIONS, revocations(7));
    mirror.prepare(paths::REVOCATIONS).await.unwrap();
    assert!(stored(&mirror, paths::REVOCATIONS).await.is_some());
}

#[tokio::test]
async fn files_of_an_old_log_key_are_replaced_and_a_restart_does_not_need_it() {
    let (registry, log, mirror) = mirrored().await;
    let path = "index/com.example.a.json";
    mirror.prepare(path).await.unwrap();
    let before = stored(&mirror, path).await;
    // A description that counts from another tree is not taken over.
    let next = |version, from_root| {
        let mut next = WellKnown::first(origin(), key(2).public(), key(7).public());
        next.version = version;
        (next.from_size, next.from_root) = (2, from_root);
        Signed::sign(next, &key(2)).unwrap().bytes().to_vec()
    };
    let mut note = crate::note::Note::new(log.head().to_text()).unwrap();
    note.add(crate::note::NoteSigner::log(ORIGIN, key(7)).unwrap().sign(&log.head().to_text(), 0));
    registry.put(paths::CHECKPOINT, note.to_bytes());
    registry.put(paths::WELL_KNOWN, next(2, Digest::of(b"another root")));
    assert_eq!(mirror.refresh().await.unwrap_err().code(), "MPP-N112");
    assert_eq!(stored(&mirror, paths::WELL_KNOWN).await, Some(description(1, 1).into()));
    registry.put(paths::WELL_KNOWN, next(2, log.head().root));
    mirror.refresh().await.unwrap();
    // The index file reflects the same tree, and another key has signed it.
    mirror.looks.lock().unwrap().clear();
    registry.put(path, index(2, 7));
    mirror.prepare(path).await.unwrap();
    assert_ne!(stored(&mirror, path).await, before);
    assert_eq!(stored(&mirror, path).await, Some(index(2, 7).into()));
    // The process was killed when it had stored the description, and not yet the checkpoint with the new signature.
    let store = mirror.store().clone();
    let tag = store.head(paths::CHECKPOINT).await.unwrap().map(|meta| meta.etag);
    store.update(paths::CHECKPOINT, log.files[paths::CHECKPOINT].clone(), tag.as_ref()).await.unwrap();
    let again = open(&registry, &store).await;
    assert_eq!(again.size().await, 2);
    again.refresh().await.unwrap();
    assert_eq!(stored(&again, paths::CHECKPOINT).await, Some(note.to_bytes().into()));
}

/// Writes what the mirror remembers, and returns the file.
async fn remembered(mirror: &Mirror, cache: &std::path::Path) -> std::path::PathBuf {
    mirror.remember(true).await;
    cache.join("mirror")
}

#[tokio::test]
async fn a_start_reads_only_the_leaves_that_are_new_since_the_last_stop() {
    let (registry, mut log, first) = mirrored().await;
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let open = async || {
        let upstream = Arc::clone(&registry) as Arc<dyn Files>;
        Mirror::open(upstream, first.store().clone(), root(), Some(cache.clone())).await.unwrap()
    };
    let publish = |number: u32| publish(&format!("com.example.n{number}"), number.to_string().as_bytes());
    log.extend((0..600).map(|number| statement(3, publish(number))));
    registry.serve(&log);
    let mirror = open().await;
    mirror.refresh().await.unwrap();
    let file = remembered(&mirror, &cache).await;
    let kept = std::fs::read(&file).unwrap();
    drop(mirror);
    // The leaves of complete bundles are not read again, and the mirror still knows what they refer to.
    let full = paths::entries(0, 256);
    let bundle = stored(&first, &full).await.unwrap();
    first.store().delete(&full).await.unwrap();
    let mirror = open().await;
    let taken_down = Action::Takedown {
        package_id: id("com.example.n7"),
        version: Version::new(1, 0, 0),
        reason: TakedownReason::Policy,
        note: None,
    };
    for name in ["7", "8"] {
        let blob = paths::blob(&Digest::of(name.as_bytes()));
        registry.put(&blob, name.as_bytes().to_vec());
        mirror.prepare(&blob).await.unwrap();
        assert!(stored(&mirror, &blob).await.is_some());
    }
    log.append(statement(9, taken_down));
    registry.serve(&log);
    mirror.refresh().await.unwrap();
    let [gone, there] = ["7", "8"].map(|name| paths::blob(&Digest::of(name.as_bytes())));
    assert_eq!((stored(&mirror, &gone).await, stored(&mirror, &there).await.is_some()), (None, true));
    for path in [paths::entries(2, 91), paths::tile(0, 2, 91), paths::tile(1, 0, 2)] {
        assert_eq!(stored(&mirror, &path).await, log.files.get(&path).cloned(), "{path}");
    }
    // A start with an older file reads what is new in the store of the mirror.
    drop(mirror);
    assert_eq!(open().await.size().await, log.head().size);

    // A file that is damaged, of another log, or ahead of the store is not used: without the bundle, the start then fails.
    let text = String::from_utf8_lossy(&kept).into_owned();
    let root_line = text.lines().nth(2).unwrap().to_owned();
    let damaged = [
        text.replacen("com.example.n9", "com.example.n0", 1),
        text.replacen(ORIGIN, "other.example.com/log", 1),
        text.replacen(&root_line, &text.lines().nth(2).unwrap().replace(|c: char| c.is_ascii_digit(), "A"), 1),
        text.replacen("\n602\n", "\n9999\n", 1),
        String::new(),
    ];
    for text in &damaged {
        assert_ne!(text.as_bytes(), kept);
        std::fs::write(&file, text).unwrap();
        let upstream = Arc::clone(&registry) as Arc<dyn Files>;
        let opened = Mirror::open(upstream, first.store().clone(), root(), Some(cache.clone())).await;
        assert_eq!(opened.unwrap_err().code(), "MPP-N110", "{}", &text[..text.len().min(200)]);
    }
    // With the bundle, it reads everything again.
    first.store().put(&full, bundle).await.unwrap();
    let mirror = open().await;
    assert_eq!(mirror.size().await, log.head().size);
    assert!(mirror.known.read().await.log.references().find(&there).is_some());
}

#[tokio::test]
async fn a_log_of_several_parts_is_verified_part_by_part() {
    let (registry, mut log, mirror) = mirrored().await;
    let yank = |number| Action::Yank { package_id: id("com.example.a"), version: Version::new(number, 0, 0) };
    log.extend((0..4700).map(|number| statement(3, yank(number))));
    registry.serve(&log);
    // A leaf in the second part is not the one that the registry has signed.
    let path = paths::entries(17, 256);
    let forged = String::from_utf8_lossy(&log.files[&path]).replacen("\"time\":1", "\"time\":2", 1);
    registry.put(&path, forged.into_bytes());
    let error = mirror.refresh().await.unwrap_err();
    assert_eq!(error.code(), "MPP-N111", "{error}");
    assert_eq!(mirror.size().await, 2);
    assert!(stored(&mirror, &paths::entries(15, 256)).await.is_some(), "the first part was verified");
    assert_eq!(stored(&mirror, &paths::entries(16, 256)).await, None, "nothing of the second part is written");
    registry.serve(&log);
    mirror.refresh().await.unwrap();
    assert_eq!(mirror.size().await, 4702);
    for (path, bytes) in &log.files {
        if path.starts_with("log/tile/") && !path.contains(".p/") {
            assert_eq!(stored(&mirror, path).await.as_ref(), Some(bytes), "{path}");
        }
    }
}
