//! Tests of the writer: a small registry of names over stores that fail in every way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod attacks;
mod export;
mod growth;
mod kills;
mod maintenance;
mod races;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mpp_host::causes::BoxedError;
use mpp_host::clock::{Clock, SystemClock};
use mpp_host::keys::{KeyRole, SigningKey};
use semver::Version;

use super::{AppendError, Appended, Derive, Fold, Log, Options, WriterError};
use crate::log::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::log::derived::{Derived, order};
use crate::log::{Follower, LogError, LogKeys, proof};
use crate::note::{NoteSigner, VerifierKey};
use crate::protocol::{
    Action, Body, Digest, Genesis, Leaf, Origin, PackageId, SignedStatement, Statement, Timestamp, paths,
};
use crate::store::Store;

const ORIGIN: &str = "tools.example.com/log";

/// A clock that stands still, so that leaves have one time.
#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400)
    }
    fn monotonic(&self) -> Duration {
        SystemClock::new().monotonic()
    }
}

/// A state in which each version of a package can be published once.
#[derive(Debug, Clone, Default)]
struct Names(Arc<BTreeMap<String, u64>>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is at the index {index} already")]
struct Taken {
    name: String,
    index: u64,
}

fn name_of(leaf: &Leaf) -> Option<String> {
    match &leaf.statement()?.statement().action {
        Action::Publish { package_id, version, .. } => Some(format!("{package_id} {version}")),
        _ => None,
    }
}

impl Names {
    fn check(&self, leaf: &Leaf) -> Result<(), Taken> {
        let name = name_of(leaf).unwrap_or_default();
        self.0.get(&name).map_or(Ok(()), |index| Err(Taken { name: name.clone(), index: *index }))
    }
}

impl Fold for Names {
    type Refusal = Taken;
    type Effects = BTreeSet<String>;

    fn apply(&mut self, index: u64, leaf: &Leaf) -> Result<BTreeSet<String>, Taken> {
        self.check(leaf)?;
        let Some(name) = name_of(leaf) else { return Ok(BTreeSet::new()) };
        Arc::make_mut(&mut self.0).insert(name.clone(), index);
        Ok(BTreeSet::from([name]))
    }

    fn merge(effects: &mut BTreeSet<String>, later: BTreeSet<String>) {
        effects.extend(later);
    }

    fn all_effects(&self) -> BTreeSet<String> {
        self.0.keys().cloned().collect()
    }
}

/// Writes a file for each package that changed.
struct Lists;

impl Derive<Names> for Lists {
    fn derive<'a>(
        &'a self,
        state: &'a Names,
        head: &'a Checkpoint,
        effects: &'a BTreeSet<String>,
    ) -> BoxFuture<'a, Result<Vec<Derived>, BoxedError>> {
        let ids: BTreeSet<&str> = effects.iter().filter_map(|name| name.split(' ').next()).collect();
        let files = ids.into_iter().map(|id| {
            let versions: Vec<_> = state.0.keys().filter(|name| name.starts_with(&format!("{id} "))).collect();
            let file = serde_json::json!({"tree_size": head.size, "versions": versions});
            Derived::new(format!("index/{id}.json"), file.to_string())
        });
        Box::pin(std::future::ready(Ok(files.collect())))
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

fn keys() -> LogKeys {
    LogKeys::new(NoteSigner::log(ORIGIN, key(1)).unwrap())
}

fn log_key() -> VerifierKey {
    keys().signer.verifier().clone()
}

fn options(store: Store) -> Options<Names> {
    Options {
        store,
        keys: keys(),
        clock: Arc::new(Noon),
        genesis: Genesis::new(Origin::parse(ORIGIN).unwrap(), key(2).public(), key(1).public()),
        empty: Names::default(),
        derive: Arc::new(Lists),
        cached: None,
        poll: Duration::from_secs(3600),
    }
}

async fn open(store: &Store) -> Log<Names> {
    Log::open(options(store.clone())).await.unwrap()
}

/// A statement that publishes a version, for example `com.example.a 1.0.0`.
fn publish(name: &str) -> Body {
    let (id, version) = name.split_once(' ').unwrap();
    let digest = Digest::of(name.as_bytes());
    let action = Action::Publish {
        package_id: PackageId::parse(id).unwrap(),
        version: Version::parse(version).unwrap(),
        content_hash: digest,
        archive_hash: digest,
        archive_size: name.len() as u64,
        manifest_hash: digest,
    };
    let origin = Origin::parse(ORIGIN).unwrap();
    let statement = Statement::new(origin, Timestamp::from_secs(1_772_366_400), key(3).public(), action).unwrap();
    Body::Statement(SignedStatement::sign(statement, &key(3)).unwrap())
}

type Outcome = Result<Appended<Names>, AppendError<Taken>>;

async fn append(log: &Log<Names>, name: &str) -> Outcome {
    log.append(publish(name), |state, _, leaf| state.check(leaf)).await
}

/// Appends a version, and repeats the request as long as its outcome is not certain.
async fn append_surely(log: &Log<Names>, name: &str) -> Result<u64, Taken> {
    let body = publish(name);
    loop {
        match log.append(body.clone(), |state: &Names, _, leaf| state.check(leaf)).await {
            Ok(appended) => return Ok(appended.index),
            Err(AppendError::Refused(taken)) => return Err(taken),
            Err(AppendError::Unknown(_) | AppendError::Failed(_)) => tokio::task::yield_now().await,
        }
    }
}

async fn stored_checkpoint(store: &Store) -> SignedCheckpoint {
    let object = store.get(paths::CHECKPOINT).await.unwrap().unwrap();
    SignedCheckpoint::open(&object.bytes, &log_key()).unwrap()
}

/// Reads the leaves of a log, which have to give its root.
async fn all_leaves(files: &Store, head: &Checkpoint) -> Vec<Bytes> {
    let mut leaves = Vec::new();
    let keep = |_, leaf| {
        leaves.push(leaf);
        Ok::<_, LogError>(())
    };
    Follower::new().advance(files, head, keep).await.unwrap();
    leaves
}

/// Reads the log as a client does and checks everything: the leaves give the root, each leaf is proved, and derived files do not
/// lead the checkpoint. Returns the names and their indexes.
async fn audit(store: &Store) -> BTreeMap<String, u64> {
    let signed = stored_checkpoint(store).await;
    let head = signed.checkpoint();
    let leaves = all_leaves(store, head).await;
    let mut names = BTreeMap::new();
    for (index, bytes) in (0..).zip(&leaves) {
        proof::inclusion(store, head, index, bytes).await.unwrap();
        if let Some(name) = name_of(&Leaf::parse(bytes).unwrap()) {
            assert_eq!(names.insert(name.clone(), index), None, "{name} is in the log twice");
        }
    }
    for id in names.keys().filter_map(|name| name.split(' ').next()) {
        let file = store.get(&format!("index/{id}.json")).await.unwrap();
        if let Some(file) = file {
            let bound = format!("{{\"tree_size\":{}}}", head.size);
            assert!(order(&file.bytes) <= order(bound.as_bytes()), "{id} leads the checkpoint");
        }
    }
    names
}

/// Checks that the derived files list exactly these names.
async fn check_lists(store: &Store, names: &BTreeMap<String, u64>) {
    let mut expected: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for name in names.keys() {
        expected.entry(name.split(' ').next().unwrap()).or_default().push(name);
    }
    for (id, versions) in expected {
        let file = store.get(&format!("index/{id}.json")).await.unwrap().unwrap();
        let file: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
        assert_eq!(file["versions"], serde_json::json!(versions), "{id}");
    }
}
