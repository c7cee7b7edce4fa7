//! Tests of whole servers over real connections.

mod accepts;
mod connections;
mod operations;
mod refuses;
mod rotation;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mpp_host::VerifiedPackage;
use mpp_host::clock::{Clock as _, SystemClock};
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};
use mpp_host::testing::SamplePackage;
use semver::Version;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{KeysDir, Policy, Server, ServerOptions, StartError};
use crate::protocol::requests::{DSSE_JSON, STATEMENT_HEADER, WithSide};
use crate::protocol::{Action, Digest, Origin, PackageId, SignedStatement, Statement, Timestamp};
use crate::store::Store;

const ORIGIN: &str = "tools.example.com/log";
/// Limits that no test reaches by accident.
const GENEROUS: &str = "[limits]\nconnections_per_address = 1000\nwrites = {}\nsearches = {}\nregistrations = {}\npackages = {}\nversions = {}\n";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

/// The operator of every registry in these tests.
fn operator() -> SigningKey {
    key(200)
}

/// A server of a registry in a temporary directory.
struct World {
    dir: TempDir,
    url: String,
    client: reqwest::Client,
    log_key: PublicKey,
    root: String,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl World {
    /// Starts a server with generous limits, and settings that come before them.
    async fn with(settings: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let origin = Origin::parse(ORIGIN).expect("an origin");
        KeysDir::new(dir.path().join("keys")).create(origin, Vec::new()).expect("keys");
        let policy = format!("operators = [\"{}\"]\n{settings}", operator().public().to_base64());
        let policy = if policy.contains("[limits]") { policy } else { format!("{policy}\n{GENEROUS}") };
        std::fs::write(dir.path().join("policy.toml"), policy).expect("a policy");
        // The client of the tests needs a provider of cryptography before the first server installs one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut world = Self {
            dir,
            url: String::new(),
            log_key: key(0).public(),
            root: String::new(),
            client: reqwest::Client::new(),
            stop: None,
            task: None,
        };
        world.start().await.expect("the server starts");
        world
    }

    async fn new() -> Self {
        Self::with("").await
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn options(&self) -> Result<ServerOptions, StartError> {
        Ok(self.options_with(Store::directory(&self.path().join("store"))?))
    }

    fn options_with(&self, store: Store) -> ServerOptions {
        let keys = KeysDir::new(self.path().join("keys"));
        let listen = "127.0.0.1:0".parse().expect("an address");
        let clock = Arc::new(SystemClock::new());
        let mut options = ServerOptions::new(store, keys, self.path().join("cache"), listen, clock);
        options.policy = Policy::read(&self.path().join("policy.toml")).expect("a policy");
        options
    }

    async fn start(&mut self) -> Result<(), StartError> {
        let server = Server::start(self.options()?).await?;
        self.url = server.url().to_owned();
        self.log_key = server.keys().log.public();
        self.root = server.keys().root_key();
        let (stop, stopped) = oneshot::channel();
        self.stop = Some(stop);
        self.task = Some(tokio::spawn(server.run(async {
            let _ = stopped.await;
        })));
        Ok(())
    }

    /// Stops the server, and waits until it has let go of everything.
    async fn stop(&mut self) {
        if let (Some(stop), Some(task)) = (self.stop.take(), self.task.take()) {
            let _ = stop.send(());
            task.await.expect("the server ends without a panic");
        }
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("plain HTTP")
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer")
    }

    async fn post(&self, path: &str, signed: &SignedStatement) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", DSSE_JSON);
        answer(request.body(signed.envelope().to_vec())).await
    }

    async fn post_with(&self, path: &str, signed: &SignedStatement, side: &[u8]) -> (u16, Value) {
        let body = serde_json::to_vec(&WithSide::new(signed.envelope(), Some(side))).expect("a document");
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        answer(request.body(body)).await
    }

    async fn register(&self, key: &SigningKey) {
        let answer = self.post("/v1/publishers", &sign(key, Action::Register { profile: None })).await;
        assert_eq!(answer.0, 201, "{answer:?}");
    }

    fn upload(&self, package: &VerifiedPackage, signed: &SignedStatement) -> reqwest::RequestBuilder {
        let manifest = package.manifest();
        let url = format!("{}/v1/packages/{}/{}", self.url, manifest.package_id, manifest.version);
        self.client.put(url).header(STATEMENT_HEADER, header(signed)).body(package.bytes().to_vec())
    }

    async fn publish(&self, package: &VerifiedPackage, key: &SigningKey) -> (u16, Value) {
        answer(self.upload(package, &sign(key, publication(package)))).await
    }

    /// Returns a file of the registry whose signature by the log key is valid.
    async fn file<T: crate::protocol::SignedFile>(&self, path: &str) -> T {
        let bytes = self.get(&format!("/{path}")).await.bytes().await.expect("a body");
        crate::protocol::Signed::<T>::verify(&bytes, &self.log_key).expect("signed by the log key").into_value()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

fn header(signed: &SignedStatement) -> String {
    URL_SAFE_NO_PAD.encode(signed.envelope())
}

fn sign(key: &SigningKey, action: Action) -> SignedStatement {
    let time = Timestamp::from(SystemClock::new().now());
    sign_at(key, action, time)
}

fn sign_at(key: &SigningKey, action: Action, time: Timestamp) -> SignedStatement {
    let origin = Origin::parse(ORIGIN).expect("an origin");
    let statement = Statement::new(origin, time, key.public(), action).expect("a statement");
    SignedStatement::sign(statement, key).expect("signed")
}

/// Returns a package whose contents depend on `contents`.
fn package(id: &str, version: &str, contents: &str, key: &SigningKey) -> VerifiedPackage {
    let sample = SamplePackage::new().id(id).version(version).signed_by(key.clone());
    sample.file("README.md", format!("# {contents}\n")).verify()
}

fn publication(package: &VerifiedPackage) -> Action {
    let manifest = package.manifest();
    Action::Publish {
        package_id: PackageId::parse(&manifest.package_id).expect("an id"),
        version: Version::parse(&manifest.version).expect("a version"),
        content_hash: Digest::from(*package.content_hash()),
        archive_hash: Digest::of(package.bytes()),
        archive_size: package.bytes().len() as u64,
        manifest_hash: Digest::of(package.manifest_bytes()),
    }
}

/// Repeats `look` until it finds something, for what a server does in the background.
async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    for _ in 0..600 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("never seen: {what}");
}

fn now() -> Timestamp {
    Timestamp::from(SystemClock::new().now())
}
