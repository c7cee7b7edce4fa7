//! Makes what the load table is measured with: a log with 100,000 versions, and packages of 1 MB.
//!
//! `generate DIR [PACKAGES] [VERSIONS]` writes a registry into `DIR`, as `mpp registry serve --dir DIR` expects it. Leaves, tiles and
//! derived files are made by the writer of the log; only the packages and manifests are written directly, without an `fsync` each.
//! `packages DIR KEY COUNT SERIES` writes versions of a package of 1 MB, signed by the private key in the PEM file `KEY`. Its id ends in
//! `SERIES`, so that every run has new ones.
#![allow(clippy::print_stderr, clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mpp_host::clock::{Clock, SystemClock};
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::testing::SamplePackage;
use mpp_registry::log::{Log, LogKeys, Options};
use mpp_registry::note::NoteSigner;
use mpp_registry::protocol::{Action, Body, Digest, Origin, PackageId, SignedStatement, Statement, Timestamp, paths};
use mpp_registry::server::{DerivedFiles, KeysDir, RegistryKeys, publish_description};
use mpp_registry::state::State;
use mpp_registry::store::Store;
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The number of keys that publish.
const PUBLISHERS: usize = 400;
/// The number of leaves that are appended at the same time, which is the largest batch.
const AT_ONCE: usize = 256;
/// Words of which names and descriptions consist, so that searches find more than one package.
const WORDS: [&str; 24] = [
    "archive",
    "calendar",
    "contact",
    "currency",
    "document",
    "email",
    "forecast",
    "graph",
    "image",
    "invoice",
    "issue",
    "language",
    "ledger",
    "mailbox",
    "meeting",
    "network",
    "password",
    "payment",
    "picture",
    "report",
    "schedule",
    "spreadsheet",
    "ticket",
    "weather",
];

fn main() -> Result<()> {
    // `cargo bench` adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["generate", dir] => generate(Path::new(dir), 2000, 50),
        ["generate", dir, packages, versions] => generate(Path::new(dir), packages.parse()?, versions.parse()?),
        ["packages", dir, key, count, series] => packages(Path::new(dir), Path::new(key), count.parse()?, series),
        _ => Err("usage: load generate DIR [PACKAGES VERSIONS] | load packages DIR KEY COUNT SERIES".into()),
    }
}

/// Writes `packages` packages with `versions` versions each.
fn generate(dir: &Path, packages: usize, versions: usize) -> Result<()> {
    let keys = KeysDir::new(dir.join("keys")).create(Origin::parse("load.example.com/log")?, Vec::new())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::directory(&dir.join("store"))?;
        publish_description(&store, &keys).await?;
        let log = open(store, &keys).await?;
        for seed in 0..PUBLISHERS.min(packages) {
            let action = Action::Register { profile: None };
            append(&log, vec![statement(&keys, &publisher(seed), action)?]).await?;
        }
        let (start, mut waiting) = (Instant::now(), Vec::with_capacity(AT_ONCE));
        for number in 0..packages {
            for version in 0..versions {
                let (key, action) = version_of(&dir.join("store"), number, version)?;
                waiting.push(statement(&keys, &key, action)?);
                if waiting.len() == AT_ONCE {
                    append(&log, std::mem::take(&mut waiting)).await?;
                }
            }
            if number % 100 == 99 {
                eprintln!("{} versions after {} s", (number + 1) * versions, start.elapsed().as_secs());
            }
        }
        append(&log, waiting).await?;
        log.close().await;
        Ok(())
    })
}

async fn open(store: Store, keys: &RegistryKeys) -> Result<Log<State>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let log = Log::open(Options {
        derive: Arc::new(DerivedFiles::new(store.clone(), keys.log.clone(), Arc::clone(&clock))),
        store,
        keys: LogKeys::new(NoteSigner::log(keys.origin().as_str(), keys.log.clone())?),
        clock,
        genesis: keys.genesis(),
        empty: State::new(keys.origin().clone()),
        cached: None,
        poll: Duration::from_secs(3600),
    });
    Ok(log.await?)
}

/// Appends leaves in the order of the list, in as few commits as possible.
async fn append(log: &Log<State>, bodies: Vec<Body>) -> Result<()> {
    let appended = bodies.into_iter().map(|body| log.append(body, |_, _, _| Ok(())));
    for result in futures_util::future::join_all(appended).await {
        result.map_err(|error| format!("{error:?}"))?;
    }
    Ok(())
}

fn publisher(number: usize) -> SigningKey {
    let seed = Digest::of(format!("publisher {number}").as_bytes());
    SigningKey::from_seed(seed.as_bytes(), KeyRole::Publisher)
}

fn statement(keys: &RegistryKeys, key: &SigningKey, action: Action) -> Result<Body> {
    let now = Timestamp::from(SystemClock::new().now());
    let statement = Statement::new(keys.origin().clone(), now, key.public(), action)?;
    Ok(Body::Statement(SignedStatement::sign(statement, key)?))
}

/// Writes the package and the manifest of a version, and returns its key and what its statement says.
fn version_of(store: &Path, number: usize, version: usize) -> Result<(SigningKey, Action)> {
    let key = publisher(number % PUBLISHERS);
    let word = |step: usize| WORDS[(number / step + number) % WORDS.len()];
    let id = format!("com.example.{}-{}-{number}", word(1), word(24));
    let description = format!("Reads a {} and writes a {} for each {}.", word(1), word(24), word(7));
    let parameters = json!({
        "type": "object", "properties": {"source": {"type": "string"}}, "required": ["source"], "additionalProperties": false
    });
    let tools = json!([
        {"name": format!("read_{}", word(1)), "description": format!("Read a {}.", word(1)), "parameters": parameters},
        {"name": format!("write_{}", word(24)), "description": format!("Write a {}.", word(24)), "parameters": parameters}
    ]);
    let sample = SamplePackage::new()
        .id(&id)
        .version(&format!("{}.{}.0", 1 + version / 10, version % 10))
        .set("/name", format!("{}-{}", word(1), word(24)))
        .set("/description", description)
        .set("/capabilities/network", json!([format!("{}.example.com", word(7))]))
        .set("/tool_definitions", tools)
        .signed_by(key.clone());
    let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    let verified =
        gatekeeper.verify(UnverifiedPackage::new(sample.sign())).outcome.map_err(|refusal| format!("{refusal:?}"))?;
    let (archive, manifest) = (verified.bytes(), verified.manifest_bytes());
    let (archive_hash, manifest_hash) = (Digest::of(archive), Digest::of(manifest));
    write(&store.join(paths::blob(&archive_hash)), archive)?;
    write(&store.join(paths::manifest(&manifest_hash)), manifest)?;
    let action = Action::Publish {
        package_id: PackageId::parse(&id)?,
        version: verified.manifest().version.parse()?,
        content_hash: Digest::from(*verified.content_hash()),
        archive_hash,
        archive_size: archive.len() as u64,
        manifest_hash,
    };
    Ok((key, action))
}

/// Writes packages of 1 MB.
fn packages(dir: &Path, key: &Path, count: usize, series: &str) -> Result<()> {
    let key = SigningKey::from_pem(&fs::read_to_string(key)?, None)?;
    for number in 0..count {
        // Bytes that cannot be compressed, and differ in each package.
        let mut noise = Vec::with_capacity(1 << 20);
        while noise.len() < 1_000_000 {
            noise.extend_from_slice(Digest::of(format!("{series} {number} {}", noise.len()).as_bytes()).as_bytes());
        }
        let sample = SamplePackage::new().id(&format!("com.example.large{series}")).version(&format!("1.0.{number}"));
        let package = sample.file("assets/noise.bin", noise).signed_by(key.clone()).sign();
        write(&dir.join(format!("large-1.0.{number:04}.mpp")), package.as_slice())?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, bytes)?)
}
