//! A registry in memory: its keys, leaves and files, and a transport that can fail.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use mpp_host::clock::Clock;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};
use mpp_host::testing::SamplePackage;
use semver::Version;

use crate::client::{OnProgress, Registry, Remote, Request, Response, Retry, Transport, TransportError, View};
use crate::log::{Checkpoint, Tree, encode_bundle};
use crate::note::{Algorithm, Note, NoteSigner, VerifierKey};
use crate::protocol::files::{Delegation, IndexFile, PublisherFile, Revocations, VersionRecord, WellKnown};
use crate::protocol::{
    Action, Body, Digest, Genesis, Leaf, Origin, PackageId, Signed, SignedStatement, Statement, Timestamp, paths,
};

pub(super) const ID: &str = "com.example.say";
/// The time at which each test begins: 2026-03-01T12:00:00Z.
const START: u64 = 1_772_366_400;

/// A clock that a test sets.
#[derive(Debug)]
pub(super) struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// The files that a copy of a registry serves, and how it fails.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) files: Mutex<HashMap<String, Vec<u8>>>,
    /// The requests so far: path and range.
    pub(super) requests: Mutex<Vec<(String, Option<String>)>>,
    /// The answers to the next requests, in place of the files.
    pub(super) failures: Mutex<Vec<Failure>>,
}

/// A failure of one request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Failure {
    /// No connection.
    Connection,
    /// This status.
    Status(u16),
    /// The body breaks off after this many bytes.
    BreaksOff(usize),
}

/// Serves [`Files`].
#[derive(Debug)]
pub(super) struct MemoryTransport(pub(super) Arc<Files>);

impl Transport for MemoryTransport {
    fn send<'a>(
        &'a self,
        request: Request,
        _: Option<OnProgress<'a>>,
    ) -> BoxFuture<'a, Result<Response, TransportError>> {
        let Files { files, requests, failures } = &*self.0;
        let path = request.path.trim_start_matches('/').to_owned();
        let text = |name| request.headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        requests.lock().unwrap().push((path.clone(), text(RANGE)));
        let failure = { failures.lock().unwrap().pop() };
        let broken = || TransportError::Connection { reason: "connection reset".to_owned() };
        let answer = |status: u16, headers, parts: Vec<Result<Bytes, TransportError>>| {
            Ok(Response::new(StatusCode::from_u16(status).unwrap(), headers, stream::iter(parts).boxed()))
        };
        let found = files.lock().unwrap().get(&path).cloned();
        let end = match (failure, found) {
            (Some(Failure::Connection), _) => Err(broken()),
            (Some(Failure::Status(status)), _) => answer(status, HeaderMap::new(), Vec::new()),
            (_, None) => answer(404, HeaderMap::new(), Vec::new()),
            (failure, Some(bytes)) => {
                let mut headers = HeaderMap::new();
                let tag = format!("\"{}\"", Digest::of(&bytes).to_hex());
                headers.insert(ETAG, HeaderValue::from_str(&tag).unwrap());
                let wanted = text(RANGE).filter(|_| text(IF_RANGE).as_ref() == Some(&tag));
                let start = wanted.map(|range| range["bytes=".len()..].trim_end_matches('-').parse::<usize>().unwrap());
                if let Some(start) = start {
                    let range = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
                    headers.insert(CONTENT_RANGE, HeaderValue::from_str(&range).unwrap());
                }
                let rest = bytes[start.unwrap_or(0)..].to_vec();
                let parts = match failure {
                    Some(Failure::BreaksOff(after)) => vec![Ok(rest[..after].to_vec().into()), Err(broken())],
                    _ => vec![Ok(rest.into())],
                };
                answer(if start.is_some() { 206 } else { 200 }, headers, parts)
            }
        };
        std::future::ready(end).boxed()
    }

    fn url(&self) -> &str {
        "https://registry.example"
    }
}

/// A registry, and a client of it.
pub(super) struct World {
    pub(super) origin: Origin,
    pub(super) root: SigningKey,
    pub(super) log: SigningKey,
    pub(super) publisher: SigningKey,
    pub(super) leaves: Vec<Vec<u8>>,
    pub(super) index: IndexFile,
    pub(super) revoked: Vec<(PublicKey, u64)>,
    pub(super) taken_down: Vec<Version>,
    pub(super) served: Arc<Files>,
    pub(super) clock: Arc<SetClock>,
    pub(super) dir: tempfile::TempDir,
}

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

pub(super) fn id() -> PackageId {
    PackageId::parse(ID).unwrap()
}

/// A package with this version, signed by `key`.
pub(super) fn package(version: &str, key: &SigningKey) -> VerifiedPackage {
    SamplePackage::new().id(ID).version(version).signed_by(key.clone()).verify()
}

impl World {
    /// A registry with its first leaf, the registration of the publisher, and version 1.0.0.
    pub(super) fn new() -> Self {
        let (root, log, publisher) = (key(1), key(2), key(3));
        let origin = Origin::parse("registry.example/log").unwrap();
        let genesis = Body::Genesis(Genesis::new(origin.clone(), root.public(), log.public()));
        let leaves = vec![Leaf::new(START * 1000, genesis).to_bytes().unwrap()];
        let mut world = Self {
            index: IndexFile::new(origin.clone(), id(), 0, vec![publisher.public()]),
            origin,
            root,
            log,
            publisher: publisher.clone(),
            leaves,
            revoked: Vec::new(),
            taken_down: Vec::new(),
            served: Arc::default(),
            clock: Arc::new(SetClock(AtomicU64::new(START))),
            dir: tempfile::tempdir().unwrap(),
        };
        world.describe(1, 0, Digest::of(b""));
        world.push(&publisher, Action::Register { profile: None });
        world.publish("1.0.0", &publisher);
        world.seal();
        world
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.0.load(Ordering::Relaxed)
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(super) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.served.files.lock().unwrap().insert(path.to_owned(), bytes.into());
    }

    pub(super) fn take(&self, path: &str) -> Option<Vec<u8>> {
        self.served.files.lock().unwrap().remove(path)
    }

    /// Signs a description with the present log key.
    pub(super) fn describe(&self, version: u64, from_size: u64, from_root: Digest) {
        let mut description = WellKnown::first(self.origin.clone(), self.root.public(), self.log.public());
        (description.version, description.from_size, description.from_root) = (version, from_size, from_root);
        self.put(paths::WELL_KNOWN, Signed::sign(description, &self.root).unwrap().bytes());
    }

    /// Appends a statement, and returns the index of its leaf.
    pub(super) fn push(&mut self, key: &SigningKey, action: Action) -> u64 {
        let time = Timestamp::from_secs(self.now());
        let statement = Statement::new(self.origin.clone(), time, key.public(), action).unwrap();
        let statement = SignedStatement::sign(statement, key).unwrap();
        self.leaves.push(Leaf::new(self.now() * 1000, Body::Statement(statement)).to_bytes().unwrap());
        self.leaves.len() as u64 - 1
    }

    /// Publishes a version, and serves its bytes.
    pub(super) fn publish(&mut self, version: &str, key: &SigningKey) -> VerifiedPackage {
        let package = package(version, key);
        let archive_hash = Digest::of(package.bytes());
        let (content_hash, manifest_hash) =
            (Digest::from(*package.content_hash()), Digest::of(package.manifest_bytes()));
        let archive_size = package.bytes().len() as u64;
        let version = Version::parse(version).unwrap();
        let action = Action::Publish {
            package_id: id(),
            version: version.clone(),
            content_hash,
            archive_hash,
            archive_size,
            manifest_hash,
        };
        let leaf_index = self.push(key, action);
        self.put(&paths::blob(&archive_hash), package.bytes());
        let record = serde_json::json!({
            "version": version, "leaf_index": leaf_index, "time": self.now() * 1000, "key": key.public(),
            "content_hash": content_hash, "archive_hash": archive_hash, "archive_size": archive_size,
            "manifest_hash": manifest_hash, "name": "say", "description": "Says it.",
            "capabilities": package.manifest().capabilities, "tools": [],
        });
        let record: VersionRecord = serde_json::from_value(record).unwrap();
        self.index.versions.push(record);
        package
    }

    /// Delegates publishing of these packages to another key.
    pub(super) fn delegate(&mut self, delegate: &SigningKey, ids: &[&str], days: u64) {
        let owner = self.publisher.clone();
        let expires = Timestamp::from_secs(self.now() + days * 86_400);
        let package_ids = ids.iter().map(|id| PackageId::parse(id).unwrap()).collect();
        let action = Action::Delegate { delegate: delegate.public(), package_ids, expires };
        let leaf = self.push(&owner, action);
        self.index.delegations.push(Delegation::new(owner.public(), delegate.public(), expires, leaf));
    }

    pub(super) fn head(&self) -> Checkpoint {
        let mut tree = Tree::new();
        self.leaves.iter().for_each(|leaf| tree.push(leaf));
        Checkpoint::new(self.origin.clone(), tree.size(), tree.root())
    }

    /// Signs and serves everything as it is now.
    pub(super) fn seal(&mut self) {
        self.seal_log();
        self.seal_index();
        self.seal_revocations();
    }

    /// Serves the log: its partial tile, its bundle, and its checkpoint.
    pub(super) fn seal_log(&self) {
        let head = self.head();
        let hashes = self.leaves.iter().flat_map(|leaf| *crate::log::leaf_hash(leaf).as_bytes());
        self.put(&paths::tile(0, 0, head.size), hashes.collect::<Vec<u8>>());
        self.put(&paths::entries(0, head.size), encode_bundle(self.leaves.iter().map(Vec::as_slice)));
        self.put(paths::CHECKPOINT, self.signed(&head));
    }

    pub(super) fn signed(&self, head: &Checkpoint) -> Vec<u8> {
        let signer = NoteSigner::log(self.origin.as_str(), self.log.clone()).unwrap();
        let mut note = Note::new(head.to_text()).unwrap();
        note.add(signer.sign(note.text(), self.now()));
        note.to_bytes()
    }

    pub(super) fn seal_index(&mut self) {
        self.index.tree_size = self.leaves.len() as u64;
        self.put(&paths::index(&id()), Signed::sign(self.index.clone(), &self.log).unwrap().bytes());
    }

    pub(super) fn seal_revocations(&self) {
        let (head, now) = (self.head(), Timestamp::from_secs(self.now()));
        let expires = now.after(Duration::from_secs(86_400));
        let mut list = Revocations::new(self.origin.clone(), head.size, head.root, now, expires);
        let keys = self.revoked.iter().map(|(key, from)| serde_json::json!({ "key": key, "from_leaf": from }));
        list.keys = serde_json::from_value(keys.collect()).unwrap();
        let taken = self.taken_down.iter();
        list.taken_down =
            taken.map(|version| crate::protocol::files::TakenDownVersion::new(id(), version.clone())).collect();
        self.put(paths::REVOCATIONS, Signed::sign(list, &self.log).unwrap().bytes());
    }

    pub(super) fn serve_publisher(&self, key: &PublicKey, rotated_to: Option<(PublicKey, u64)>) {
        let mut file = PublisherFile::new(self.origin.clone(), *key, self.leaves.len() as u64, 1);
        file.rotated_to = rotated_to.map(|(to, leaf)| crate::protocol::files::Rotation::new(to, leaf));
        self.put(&paths::publisher(key), Signed::sign(file, &self.log).unwrap().bytes());
    }

    /// The client, with one copy of the registry.
    pub(super) fn client(&self) -> Registry {
        self.client_of(&[&self.served])
    }

    /// The client of several copies.
    pub(super) fn client_of(&self, copies: &[&Arc<Files>]) -> Registry {
        let copies = copies.iter().map(|files| Arc::new(MemoryTransport(Arc::clone(files))) as Arc<dyn Transport>);
        let remote = Remote::new(copies.collect(), Retry::at_once(3));
        let root = VerifierKey::new(self.origin.as_str(), Algorithm::Ed25519, self.root.public()).unwrap();
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Registry::new("test", root, &self.dir.path().join("registries"), remote, clock).unwrap()
    }

    /// A view of the client that has seen everything, the revocation list included.
    pub(super) fn seen(&self) -> (Registry, View) {
        let client = self.client();
        let view = run(async {
            let mut view = client.refresh().await.unwrap();
            client.revocations(&mut view).await.unwrap();
            view
        });
        (client, view)
    }
}

/// Runs a future to its end.
pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
