//! Checking, rebuilding, copying and tidying a registry.

use futures_util::TryStreamExt as _;
use mpp_host::codes::Coded as _;

use super::*;
use crate::log::{Checked, FaultKind, check, copy, copy_commits, rebuild, tidy};
use crate::protocol::Signed;
use crate::protocol::files::WellKnown;
use crate::store::fault::Faults;

/// Fills a registry with 300 versions of 3 packages and their objects.
async fn registry() -> Store {
    let store = Store::memory();
    let log = open(&store).await;
    append_some(&log, &store, 0..300).await;
    log.close().await;
    store
}

async fn append_some(log: &Log<Names>, store: &Store, versions: std::ops::Range<u32>) {
    let requests = versions.map(|at| {
        let (log, store, name) = (log.clone(), store.clone(), format!("com.example.p{} 1.0.{at}", at % 3));
        tokio::spawn(async move {
            let digest = Digest::of(name.as_bytes());
            store.put(&paths::blob(&digest), Bytes::from(name.clone())).await.unwrap();
            store.put(&paths::manifest(&digest), Bytes::from(name.clone())).await.unwrap();
            append(&log, &name).await.unwrap();
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
}

fn description() -> Signed<WellKnown> {
    let first = WellKnown::first(Origin::parse(ORIGIN).unwrap(), key(2).public(), key(1).public());
    Signed::sign(first, &key(2)).unwrap()
}

async fn checked(store: &Store) -> Checked {
    if store.get(paths::WELL_KNOWN).await.unwrap().is_none() {
        store.put(paths::WELL_KNOWN, description().bytes().to_vec().into()).await.unwrap();
    }
    check(store, &description(), Names::default(), Arc::new(Lists)).await.unwrap()
}

async fn faults(store: &Store) -> Vec<(String, FaultKind)> {
    checked(store).await.faults.into_iter().map(|fault| (fault.path, fault.kind)).collect()
}

async fn paths_of(store: &Store, prefix: &str) -> Vec<String> {
    store.list(prefix).map_ok(|listed| listed.path).try_collect().await.unwrap()
}

async fn replace(store: &Store, path: &str, bytes: impl Into<Bytes>) {
    store.delete(path).await.unwrap();
    store.put(path, bytes.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_finds_each_thing_that_is_not_as_it_must_be() {
    let store = registry().await;
    let clean = checked(&store).await;
    assert_eq!(clean.faults, []);
    assert_eq!((clean.leaves, clean.objects, clean.derived), (301, 600, 3));
    assert!(clean.commits > 1 && clean.tiles > 4, "{clean:?}");

    let blob = paths::blob(&Digest::of(b"com.example.p1 1.0.1"));
    let manifest = paths::manifest(&Digest::of(b"com.example.p1 1.0.1"));
    let (tile, last) = (paths::tile(0, 0, 256), paths::tile(0, 1, 45));
    let list = "index/com.example.p0.json";
    let commits = paths_of(&store, "log/commit").await;
    let commit = commits.iter().find(|path| *path != "log/commit/0").unwrap();
    let other = store.get("log/commit/0").await.unwrap().unwrap().bytes;

    let cases = [
        (tile.as_str(), None, FaultKind::Missing),
        (&tile, Some(vec![0; 8192]), FaultKind::Different),
        (&last, None, FaultKind::Missing),
        (&blob, None, FaultKind::Missing),
        (&blob, Some(b"other".to_vec()), FaultKind::Different),
        (&manifest, None, FaultKind::Missing),
        (list, None, FaultKind::Missing),
        (list, Some(b"{\"tree_size\":301,\"versions\":[]}".to_vec()), FaultKind::Different),
        (list, Some(b"{\"tree_size\":302}".to_vec()), FaultKind::Ahead),
        ("index/com.example.other.json", Some(b"{\"tree_size\":1}".to_vec()), FaultKind::Unexpected),
        ("log/tile/0/007", Some(vec![0; 8192]), FaultKind::Unexpected),
        ("log/tile/entries/000.p/1", Some(vec![0, 1, 7]), FaultKind::Different),
        ("log/tile/entries/007", Some(vec![0, 1, 7]), FaultKind::Unexpected),
        (commit, None, FaultKind::Missing),
        (
            commit,
            Some(other.to_vec()),
            FaultKind::Invalid("its header does not belong to its place and its leaves".to_owned()),
        ),
    ];
    for (path, bytes, kind) in cases {
        let before = store.get(path).await.unwrap();
        match bytes {
            Some(bytes) => replace(&store, path, bytes).await,
            None => store.delete(path).await.unwrap(),
        }
        assert_eq!(faults(&store).await, [(path.to_owned(), kind)]);
        match before {
            Some(object) => replace(&store, path, object.bytes).await,
            None => store.delete(path).await.unwrap(),
        }
    }
    // What makes everything else uncheckable.
    let bundle = paths::entries(0, 256);
    let before = store.get(&bundle).await.unwrap().unwrap();
    store.delete(&bundle).await.unwrap();
    assert!(matches!(&faults(&store).await[..], [(path, FaultKind::Invalid(_))] if path == paths::CHECKPOINT));
    replace(&store, &bundle, before.bytes).await;
    replace(&store, paths::CHECKPOINT, "nonsense").await;
    assert!(matches!(&faults(&store).await[..], [(path, FaultKind::Invalid(_))] if path == paths::CHECKPOINT));
    store.delete(paths::CHECKPOINT).await.unwrap();
    assert_eq!(faults(&store).await, [(paths::CHECKPOINT.to_owned(), FaultKind::Missing)]);
}

#[tokio::test]
async fn a_check_tells_an_unfinished_commit_from_damage() {
    let store = Store::memory();
    let faults_of_store = Faults::none();
    let log = open(&faults_of_store.store(&store)).await;
    faults_of_store.stall("log/tile");
    let name = "com.example.a 1.0.0";
    for path in [paths::blob(&Digest::of(name.as_bytes())), paths::manifest(&Digest::of(name.as_bytes()))] {
        store.put(&path, Bytes::from_static(name.as_bytes())).await.unwrap();
    }
    let waiting = tokio::spawn({
        let log = log.clone();
        async move { append(&log, name).await }
    });
    faults_of_store.is_stalling.notified().await;
    log.kill();
    assert!(waiting.await.unwrap().is_err());
    assert_eq!(faults(&store).await, [("log/commit/1".to_owned(), FaultKind::Unfinished)]);
    open(&store).await.close().await;
    assert_eq!(faults(&store).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_but_commits_checkpoint_and_objects_can_be_rebuilt() {
    let store = registry().await;
    let expected = checked(&store).await;
    let rebuilt = rebuild(options(store.clone())).await.unwrap();
    assert_eq!((rebuilt.leaves, rebuilt.tiles, rebuilt.derived, rebuilt.deleted), (301, 0, 0, 0));

    for path in paths_of(&store, "log/tile").await.into_iter().chain(paths_of(&store, "index").await) {
        store.delete(&path).await.unwrap();
    }
    replace(&store, "index/com.example.p0.json", "nonsense").await;
    replace(&store, "index/com.example.gone.json", "{\"tree_size\":1}").await;
    replace(&store, &paths::tile(0, 0, 256), vec![0; 8192]).await;
    let rebuilt = rebuild(options(store.clone())).await.unwrap();
    // Two tiles of hashes, one above them, two bundles; three lists.
    assert_eq!((rebuilt.leaves, rebuilt.tiles, rebuilt.derived, rebuilt.deleted), (301, 5, 3, 1));
    let again = checked(&store).await;
    assert_eq!((again.faults.clone(), again.leaves, again.commits), (vec![], expected.leaves, expected.commits));

    // Commits that do not give the signed root are not believed.
    let commits = paths_of(&store, "log/commit").await;
    store.delete(commits.iter().find(|path| *path != "log/commit/0").unwrap()).await.unwrap();
    assert_eq!(rebuild(options(store.clone())).await.unwrap_err().code(), "MPP-N131");
    // Without a checkpoint, the commits alone are the log.
    let store = registry().await;
    for path in paths_of(&store, "log/tile").await.into_iter().chain([paths::CHECKPOINT.to_owned()]) {
        store.delete(&path).await.unwrap();
    }
    assert_eq!(rebuild(options(store.clone())).await.unwrap().leaves, 301);
    assert_eq!(faults(&store).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_verified_complete_and_can_be_brought_up_to_date() {
    let store = registry().await;
    checked(&store).await;
    let target = Store::memory();
    let copied = copy(&store, &target, &log_key()).await.unwrap();
    assert_eq!(copied.leaves, 301);
    let expected = Checked { commits: 0, ..checked(&target).await };
    assert_eq!((expected.faults.clone(), expected.objects, expected.derived), (vec![], 600, 3));
    assert_eq!(target.get(paths::WELL_KNOWN).await.unwrap().unwrap().bytes, description().bytes());
    assert_eq!(copy(&store, &target, &log_key()).await.unwrap().files, 0, "nothing is copied twice");

    let log = open(&store).await;
    append_some(&log, &store, 300..310).await;
    let copied = copy(&store, &target, &log_key()).await.unwrap();
    assert!(copied.leaves == 311 && (24..40).contains(&copied.files), "{copied:?}");
    assert_eq!(faults(&target).await, []);
    // A server can go on from a copy, and from a backup even rebuild tiles.
    assert!(copy_commits(&store, &target).await.unwrap() > 1);
    assert_eq!(faults(&target).await, []);
    let moved = open(&target).await;
    assert_eq!(moved.view().state.0.len(), 310);
    append_some(&moved, &target, 400..401).await;

    // The original is behind its copy now, and a fork of it when it goes on differently.
    copy(&store, &target, &log_key()).await.unwrap();
    append_some(&log, &store, 500..502).await;
    assert_eq!(copy(&store, &target, &log_key()).await.unwrap_err().code(), "MPP-N112");
    let other = NoteSigner::log(ORIGIN, key(9)).unwrap();
    assert_eq!(copy(&store, &Store::memory(), other.verifier()).await.unwrap_err().code(), "MPP-N104");

    let blob = paths::blob(&Digest::of(b"com.example.p1 1.0.1"));
    replace(&store, &blob, "com.example.p1 1.0.2").await;
    assert_eq!(copy(&store, &Store::memory(), &log_key()).await.unwrap_err().code(), "MPP-N138");
    store.delete(&blob).await.unwrap();
    let target = Store::memory();
    assert_eq!(copy(&store, &target, &log_key()).await.unwrap_err().code(), "MPP-N137");
    assert_eq!(target.get(paths::CHECKPOINT).await.unwrap(), None, "a copy that is not whole has no checkpoint");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partial_tiles_are_deleted_a_day_after_the_full_one() {
    let store = registry().await;
    let partial = |paths: Vec<String>| paths.into_iter().filter(|path| path.contains("000.p/")).count();
    let before = partial(paths_of(&store, "log/tile").await);
    assert!(before > 2, "{before}");
    #[allow(clippy::disallowed_methods, reason = "the store takes the time of its objects from the same clock")]
    let now = SystemTime::now();
    assert_eq!(tidy(&store, now).await.unwrap(), 0);
    let deleted = tidy(&store, now + Duration::from_secs(25 * 3600)).await.unwrap();
    let left = paths_of(&store, "log/tile").await;
    // The only tile of the upper level is not full yet.
    let upper = left.iter().filter(|path| path.starts_with("log/tile/1/000.p/")).count();
    assert_eq!((deleted, partial(left)), ((before - upper) as u64, upper));
    assert_eq!(faults(&store).await, []);
    audit(&store).await;
    open(&store).await.close().await;
}
