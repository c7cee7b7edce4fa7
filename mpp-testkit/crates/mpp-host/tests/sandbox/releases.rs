//! Packages of released versions, which later hosts must still verify, load and run.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::Host;
use mpp_host::keys::PublicKey;
use mpp_host::package::PackageBytes;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{assert_fails, content, decide};

fn releases() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

#[test]
fn the_current_version_has_a_package() {
    let current = Path::new(env!("CARGO_PKG_VERSION"));
    assert!(
        releases().iter().any(|release| release.ends_with(current)),
        "run `cargo run -p mpp-host --example release_package`"
    );
}

#[test]
fn every_released_package_is_verified_loaded_and_run() {
    for release in releases() {
        let read = |name: &str| fs::read_to_string(release.join(name)).unwrap();
        let publisher = PublicKey::from_pem(&read("publisher.pub")).unwrap();
        let bytes = PackageBytes::from(fs::read(release.join("package.mpp")).unwrap());

        let state = tempfile::tempdir().unwrap();
        let host = Host::builder().instances(2).state_dir(state.path()).build().unwrap();
        let verification = host.verify(bytes);
        let package = verification.outcome.unwrap_or_else(|refusal| panic!("{}: {refusal}", release.display()));
        assert_eq!(package.content_hash().to_string(), read("content-hash").trim_end());
        assert_eq!(package.publisher_key(), &publisher);
        assert!(release.ends_with(&package.manifest().version));

        let (read_from, written_to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let grant = decide(&host, &package)
            .grant()
            .env("API_KEY", "a-key-for-tests-4711")
            .env("MODE", "quick")
            .dir("/data", read_from.path())
            .dir("/out", written_to.path());
        let runnable = host.load(package).unwrap().grant(grant).unwrap();
        let answer = runnable.call("greet", r#"{"times":1}"#);
        assert_eq!(
            content(&answer),
            json!({ "greeting": "Hello, [REDACTED:email] and [REDACTED:customer_id]" }),
            "{}",
            release.display()
        );
        assert_fails(&runnable.call("greet", r#"{"times":0}"#), ErrorKind::InvalidArguments, &["times"]);
    }
}
