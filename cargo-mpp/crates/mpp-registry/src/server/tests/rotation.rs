//! A replaced log key: what the server accepts, and how everybody who follows the registry takes it over.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::codes::Coded as _;
use mpp_host::keys::SigningKey;

use super::{World, key, operator, package, sign};
use crate::client::{ClientError, HttpOptions, HttpTransport, Registry, Remote, Retry};
use crate::log::{Checkpoint, check};
use crate::mirror::Mirror;
use crate::monitor::{Monitor, MonitorError};
use crate::note::{Note, NoteSigner, VerifierKey};
use crate::protocol::files::{IndexFile, PublisherFile, Revocations, WellKnown};
use crate::protocol::{Action, Digest, Signed, TakedownReason, paths};
use crate::server::{DerivedFiles, KeysDir, ReplaceError, SigningRequest, replace_log_key, request_log_key};
use crate::state::State;
use crate::store::Store;
use crate::upstream::Upstream;

const ID: &str = "com.example.clock";

fn keys(world: &World) -> KeysDir {
    KeysDir::new(world.path().join("keys"))
}

fn root_key(world: &World) -> SigningKey {
    let pem = fs::read_to_string(keys(world).root_key_path()).expect("a key");
    SigningKey::from_pem(&pem, None).expect("a key")
}

fn store(world: &World) -> Store {
    Store::directory_to_read(&world.path().join("store")).expect("a store")
}

async fn request(world: &World) -> SigningRequest {
    request_log_key(&keys(world), &store(world)).await.expect("requested")
}

async fn replace(world: &World, signed: &[u8]) -> Result<(), ReplaceError> {
    replace_log_key(&keys(world), &store(world), signed).await.map(drop)
}

fn transport(world: &World) -> Arc<HttpTransport> {
    Arc::new(HttpTransport::new(&world.url, &HttpOptions::default()).expect("a URL"))
}

/// A client that remembers what it has seen in `dir`, wherever the server is now.
fn client(world: &World, dir: &Path) -> Registry {
    let root: VerifierKey = world.root.parse().expect("a key");
    let remote = Remote::new(vec![transport(world)], Retry::at_once(2));
    Registry::new("test", root, dir, remote, Arc::new(SystemClock::new())).expect("a registry")
}

/// Those who follow the registry, and what they remember.
struct Followers {
    dir: tempfile::TempDir,
    monitor: Vec<u8>,
    copy: Store,
}

impl Followers {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { dir, monitor: Vec::new(), copy: Store::memory() }
    }

    async fn look(&mut self, world: &World) -> Result<u64, MonitorError> {
        let root: VerifierKey = world.root.parse().expect("a key");
        let (origin, patterns) =
            (super::Origin::parse(root.name()).expect("an origin"), vec!["com.example.*".parse()?]);
        let mut monitor = match self.monitor.is_empty() {
            true => Monitor::new(origin, patterns),
            false => Monitor::resume(&self.monitor, &origin, patterns)?,
        };
        let report = monitor.look(&Upstream::new(transport(world)), &root, super::now()).await?;
        self.monitor = monitor.to_bytes();
        let report = report.unwrap_or_else(|| monitor.nothing_new());
        assert_eq!((report.faults, report.findings), (Vec::new(), Vec::new()));
        Ok(report.size)
    }

    async fn mirror(&self, world: &World) -> Mirror {
        let root: VerifierKey = world.root.parse().expect("a key");
        let mirror = Mirror::open(Arc::new(Upstream::new(transport(world))), self.copy.clone(), root, None)
            .await
            .expect("opened");
        mirror.refresh().await.expect("refreshed");
        for path in [format!("index/{ID}.json"), paths::REVOCATIONS.to_owned()] {
            mirror.prepare(&path).await.expect("prepared");
        }
        mirror
    }

    /// Checks that client, monitor and mirror see the registry as it is.
    async fn all_follow(&mut self, world: &World) {
        let client = client(world, self.dir.path());
        let mut view = client.refresh().await.expect("followed");
        let index = client.index(&mut view, &ID.parse_id()).await.expect("verified").expect("an index");
        let record = index.versions.last().expect("a version");
        client.prove(&view, &index, record).await.expect("proved");
        client.revocations(&mut view).await.expect("current");
        assert_eq!(self.look(world).await.expect("followed"), view.size());
        assert_eq!(self.mirror(world).await.size().await, view.size());
        let bytes = self.copy.get(&format!("index/{ID}.json")).await.expect("read").expect("a file").bytes;
        Signed::<IndexFile>::verify(&bytes, &world.log_key).expect("signed by the present log key");
    }
}

trait ParseId {
    fn parse_id(&self) -> crate::protocol::PackageId;
}

impl ParseId for str {
    fn parse_id(&self) -> crate::protocol::PackageId {
        crate::protocol::PackageId::parse(self).expect("an id")
    }
}

async fn check_all(world: &World) {
    let keys = keys(world).read().expect("keys");
    let store = store(world);
    let derive = DerivedFiles::new(store.clone(), keys.log.clone(), Arc::new(SystemClock::new())).without_erasing();
    let checked = check(&store, &keys.description, State::new(keys.origin().clone()), Arc::new(derive)).await;
    assert_eq!(checked.expect("checked").faults, []);
}

async fn filled() -> (World, SigningKey) {
    let world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await;
    world.publish(&package(ID, "1.1.0", "two", &owner), &owner).await;
    (world, owner)
}

#[tokio::test]
async fn everybody_follows_a_new_log_key_and_nothing_that_the_old_one_signs() {
    let (mut world, owner) = filled().await;
    let mut followers = Followers::new();
    followers.all_follow(&world).await;
    let old = keys(&world).read().expect("keys").log;
    // The request is made while the server runs, and a version is published until it is signed.
    let request = request(&world).await;
    assert_eq!((request.description().version, request.description().from_size), (2, 4));
    let again = super::rotation::request(&world).await;
    assert_eq!(again.description().log_key, request.description().log_key, "the next key is made once");
    world.publish(&package(ID, "1.2.0", "three", &owner), &owner).await;
    let signed = SigningRequest::parse(&request.to_bytes()).expect("read").sign(&root_key(&world)).expect("signed");
    world.stop().await;
    let before = fs::read(world.path().join("store/log/checkpoint")).expect("a checkpoint");
    replace(&world, signed.bytes()).await.expect("replaced");
    replace(&world, signed.bytes()).await.expect("the same again is no error");
    world.start().await.expect("the server starts with the new key");
    assert_eq!(world.log_key, request.description().log_key);
    assert_ne!(world.log_key, old.public());
    check_all(&world).await;
    let _: IndexFile = world.file(&format!("index/{ID}.json")).await;
    let _: PublisherFile = world.file(&paths::publisher(&owner.public())).await;
    let _: Revocations = world.file(paths::REVOCATIONS).await;
    followers.all_follow(&world).await;
    // A new client, and the log goes on.
    let fresh = tempfile::tempdir().expect("a directory");
    assert_eq!(client(&world, fresh.path()).refresh().await.expect("followed").size(), 5);
    world.publish(&package(ID, "1.3.0", "four", &owner), &owner).await;
    followers.all_follow(&world).await;

    // The thief of the old key signs: the true log, and one with other leaves.
    world.stop().await;
    let path = world.path().join("store/log/checkpoint");
    let present = fs::read(&path).expect("a checkpoint");
    let signer = NoteSigner::log(super::ORIGIN, old).expect("a key");
    let mut forged =
        Note::parse(&present).map(|note| Note::new(note.text().to_owned()).expect("a note")).expect("a note");
    forged.add(signer.sign(forged.text(), 0));
    // A server that starts signs the same tree again.
    for bytes in [forged.to_bytes(), before] {
        fs::write(&path, &bytes).expect("written");
        world.start().await.expect("the server starts");
        followers.all_follow(&world).await;
        world.stop().await;
    }
    // A tree that the new key has not signed is refused.
    let head = Checkpoint::new(keys(&world).read().expect("keys").origin().clone(), 7, Digest::of(b"forged"));
    let mut larger = Note::new(head.to_text()).expect("a note");
    larger.add(signer.sign(&head.to_text(), 0));
    fs::write(&path, larger.to_bytes()).expect("written");
    assert_eq!(world.start().await.expect_err("signed by the old key").code(), "MPP-N104");
    fs::write(&path, &present).expect("restored");
    world.start().await.expect("the server starts");
    fs::write(&path, forged.to_bytes()).expect("written");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let client = client(&world, followers.dir.path());
    assert!(matches!(client.refresh().await, Err(ClientError::Checkpoint(_))));
    assert!(followers.look(&world).await.is_err_and(|error| error.code() == "MPP-N104"));
    // The running server does not accept it either: it signs no revocation list, and takes no change.
    let revoke = sign(&operator(), Action::Revoke { revoked: owner.public(), from_leaf: None });
    let (status, _) =
        world.post(&format!("/v1/publishers/{}/revoke", hex::encode(owner.public().as_bytes())), &revoke).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn an_old_description_does_not_bring_the_old_key_back() {
    let (mut world, _) = filled().await;
    let mut followers = Followers::new();
    followers.all_follow(&world).await;
    let first = fs::read(world.path().join("keys/mpp-registry.json")).expect("a description");
    let signed = request(&world).await.sign(&root_key(&world)).expect("signed");
    world.stop().await;
    replace(&world, signed.bytes()).await.expect("replaced");
    world.start().await.expect("the server starts");
    followers.all_follow(&world).await;
    // Somebody serves the first description again.
    fs::write(world.path().join("store/.well-known/mpp-registry.json"), &first).expect("written");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let client = client(&world, followers.dir.path());
    let view = client.refresh().await.expect("the known one counts");
    assert_eq!(view.description.version, 2);
    let error = followers.look(&world).await.expect_err("an old description");
    assert!(
        error.code() == "MPP-N104" || matches!(error, MonitorError::OldDescription { found: 1, known: 2 }),
        "{error}"
    );
    // And a server with the first keys does not start on the new store.
    world.stop().await;
    fs::write(world.path().join("store/.well-known/mpp-registry.json"), signed.bytes()).expect("written");
    fs::write(world.path().join("keys/mpp-registry.json"), &first).expect("written");
    assert_eq!(world.start().await.expect_err("keys that do not belong together").code(), "MPP-N214");
}

#[tokio::test]
async fn a_description_that_does_not_fit_changes_nothing() {
    let (mut world, owner) = filled().await;
    let root = root_key(&world);
    let request = request(&world).await;
    assert!(matches!(request.sign(&key(7)), Err(ReplaceError::NotRoot { .. })), "another key is not the root key");
    world.stop().await;
    let files = |world: &World| -> Vec<_> {
        ["mpp-registry.json", "log.key", "log.key.next"]
            .map(|name| fs::read(world.path().join("keys").join(name)).ok())
            .into()
    };
    let before = files(&world);
    let with = |change: &dyn Fn(&mut WellKnown)| {
        let mut description = request.description().clone();
        change(&mut description);
        Signed::sign(description, &root).expect("signed").bytes().to_vec()
    };
    let forged = Signed::sign(request.description().clone(), &key(7)).expect("signed").bytes().to_vec();
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("signed by another key", forged, "MPP-N219"),
        ("an old version", with(&|new| new.version = 1), "MPP-N219"),
        ("another log key", with(&|new| new.log_key = key(8).public()), "MPP-N219"),
        ("another root key", with(&|new| new.root_key = key(8).public()), "MPP-N219"),
        (
            "another registry",
            with(&|new| new.registry = super::Origin::parse("other.example").expect("an origin")),
            "MPP-N219",
        ),
        ("another root", with(&|new| new.from_root = Digest::of(b"other")), "MPP-N139"),
        ("a larger tree", with(&|new| new.from_size += 1), "MPP-N139"),
        ("not signed at all", request.to_bytes(), "MPP-N001"),
    ];
    for (name, signed, code) in cases {
        let error = replace(&world, &signed).await.expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert_eq!(files(&world), before, "{name}");
    }
    // Also if it was written beside the keys by hand: the server does not start.
    let signed = with(&|new| new.from_root = Digest::of(b"other"));
    let next = fs::read(world.path().join("keys/log.key.next")).expect("a key");
    fs::write(world.path().join("keys/mpp-registry.json"), &signed).expect("written");
    fs::write(world.path().join("keys/mpp-registry-1.json"), before[0].as_ref().expect("a description"))
        .expect("written");
    let error = world.start().await.expect_err("a log without that tree");
    assert_eq!(error.code(), "MPP-N139", "{error}");
    assert_eq!(fs::read(world.path().join("keys/log.key.next")).expect("a key"), next);
    fs::write(world.path().join("keys/mpp-registry.json"), before[0].as_ref().expect("a description"))
        .expect("written");
    world.start().await.expect("as before");
    assert_eq!(world.publish(&package(ID, "2.0.0", "more", &owner), &owner).await.0, 201);
}

#[tokio::test]
async fn a_replacement_that_is_interrupted_goes_on() {
    let (mut world, owner) = filled().await;
    let mut followers = Followers::new();
    followers.all_follow(&world).await;
    let signed = request(&world).await.sign(&root_key(&world)).expect("signed");
    world.stop().await;
    // After the description and before the key: as the process was killed between two renames.
    let (dir, old) = (world.path().join("keys"), fs::read(world.path().join("keys/log.key")).expect("a key"));
    replace(&world, signed.bytes()).await.expect("replaced");
    fs::rename(dir.join("log.key"), dir.join("log.key.next")).expect("renamed");
    fs::write(dir.join("log.key"), &old).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(dir.join("log.key"), mode).expect("private");
    world.start().await.expect("the keys belong together");
    followers.all_follow(&world).await;
    world.publish(&package(ID, "1.2.0", "three", &owner), &owner).await;
    // The next replacement begins where this one was interrupted.
    let signed = request(&world).await.sign(&root_key(&world)).expect("signed");
    world.stop().await;
    replace(&world, signed.bytes()).await.expect("replaced");
    world.start().await.expect("the server starts");
    let keys = keys(&world).read().expect("keys");
    assert_eq!((keys.description.value().version, keys.former.len()), (3, 2));
    followers.all_follow(&world).await;
    check_all(&world).await;
    let takedown = Action::Takedown {
        package_id: ID.parse_id(),
        version: semver::Version::new(1, 0, 0),
        reason: TakedownReason::Malware,
        note: None,
    };
    let path = format!("/v1/packages/{ID}/1.0.0/takedown");
    assert_eq!(world.post(&path, &sign(&operator(), takedown)).await.0, 201);
    followers.all_follow(&world).await;
}
