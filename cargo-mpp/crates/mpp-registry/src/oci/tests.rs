//! Tests of packages in an OCI registry, honest and not.

mod fake;

use axum::http::StatusCode;
use bytes::Bytes;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::UnverifiedPackage;
use mpp_host::testing::SamplePackage;
use mpp_host::{Coded as _, VerifiedPackage};
use semver::Version;
use serde_json::{Value, json};

use super::{Credentials, OciAddress, OciError, OciOptions, OciRegistry, annotation};
use crate::protocol::{Digest, PackageId};
use fake::Shared;

const REPOSITORY: &str = "team/tools/com.example.sample";

async fn registry() -> (Shared, OciRegistry) {
    let (fake, host) = fake::start().await;
    let address = OciAddress::parse(&format!("oci://{host}/team/tools")).expect("an address");
    (fake, OciRegistry::new(address, OciOptions::default()).expect("a client"))
}

fn package(version: &str) -> VerifiedPackage {
    SamplePackage::new().version(version).set("/license", "MIT").verify()
}

fn id() -> PackageId {
    PackageId::parse("com.example.sample").expect("an id")
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

/// Puts a manifest under a tag without asking the client.
fn push(fake: &Shared, tag: &str, manifest: &Value) {
    let bytes = Bytes::from(manifest.to_string());
    let digest = Digest::of(&bytes).to_string();
    let mut fake = fake.lock().expect("not poisoned");
    fake.manifests.insert(digest.clone(), bytes);
    fake.tags.entry(REPOSITORY.to_owned()).or_default().insert(tag.to_owned(), digest);
}

/// Returns the manifest that a package has, as JSON.
fn manifest(package: &VerifiedPackage) -> Value {
    serde_json::to_value(super::artifact::manifest(package)).expect("JSON")
}

async fn fetch_error(registry: &OciRegistry) -> OciError {
    registry.fetch(&id(), &version("1.2.3"), &|_, _| ()).await.expect_err("refused")
}

#[tokio::test]
async fn what_was_published_is_fetched_by_tag_and_by_digest() {
    let (fake, registry) = registry().await;
    let package = package("1.2.3");
    let published = registry.publish(&package).await.expect("publishes");
    assert!(
        !published.existed && published.reference.ends_with("/team/tools/com.example.sample:1.2.3"),
        "{published:?}"
    );
    let seen = std::sync::Mutex::new(Vec::new());
    let fetched = registry
        .fetch(&id(), &version("1.2.3"), &|done, all| seen.lock().expect("not poisoned").push((done, all)))
        .await
        .expect("fetches");
    assert_eq!((fetched.bytes.as_ref(), fetched.manifest_digest), (package.bytes(), published.manifest_digest));
    let size = package.bytes().len() as u64;
    let seen = seen.into_inner().expect("not poisoned");
    assert_eq!((seen.first(), seen.last()), (Some(&(0, size)), Some(&(size, size))));
    fetched.check(&package, &id(), &version("1.2.3")).expect("the same");
    // The tag is moved; the lock file's digest still leads to the package.
    push(&fake, "1.2.3", &json!({"schemaVersion": 2}));
    let locked = registry.fetch_locked(&id(), &published.manifest_digest, &|_, _| ()).await.expect("fetches");
    assert_eq!(locked.archive_hash, Digest::of(package.bytes()));
}

#[tokio::test]
async fn the_manifest_says_what_pages_of_registries_show() {
    let (fake, registry) = registry().await;
    let package = package("1.2.3+build.7");
    let published = registry.publish(&package).await.expect("publishes");
    assert!(published.reference.ends_with(":1.2.3"), "{}", published.reference);
    let fake = fake.lock().expect("not poisoned");
    let manifest: Value =
        serde_json::from_slice(&fake.manifests[&published.manifest_digest.to_string()]).expect("JSON");
    assert_eq!(manifest["artifactType"], "application/vnd.mpp.package.v1");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.oci.empty.v1+json");
    assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
    assert_eq!(manifest["layers"][0]["annotations"][annotation::TITLE], "sample-1.2.3+build.7.mpp");
    let annotations = &manifest["annotations"];
    assert_eq!(annotations[annotation::TITLE], "sample");
    assert_eq!(annotations[annotation::VERSION], "1.2.3+build.7");
    assert_eq!(annotations[annotation::LICENSES], "MIT");
    assert_eq!(annotations[annotation::VENDOR], "Example");
    assert_eq!(annotations[annotation::CONTENT_HASH], package.content_hash().to_string());
    assert_eq!(annotations[annotation::PUBLISHER_KEY], package.publisher_key().to_base64());
}

#[tokio::test]
async fn publishing_the_same_bytes_again_uploads_nothing() {
    let (fake, registry) = registry().await;
    let first = registry.publish(&package("1.2.3")).await.expect("publishes");
    let uploads = fake.lock().expect("not poisoned").uploads;
    let again = registry.publish(&package("1.2.3")).await.expect("publishes");
    assert!(again.existed && again.manifest_digest == first.manifest_digest);
    assert_eq!(fake.lock().expect("not poisoned").uploads, uploads);
}

#[tokio::test]
async fn other_bytes_for_a_version_are_refused() {
    let (_fake, registry) = registry().await;
    registry.publish(&package("1.2.3")).await.expect("publishes");
    for other in [SamplePackage::new().file("README.md", "other").verify(), package("1.2.3+other")] {
        let error = registry.publish(&other).await.expect_err("refused");
        assert_eq!(error.code(), "MPP-N403");
        assert!(error.to_string().contains(&Digest::of(other.bytes()).to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_tag_that_somebody_moves_meanwhile_is_noticed() {
    let (fake, registry) = registry().await;
    push(&fake, "other", &manifest(&package("9.9.9")));
    let other = fake.lock().expect("not poisoned").tags[REPOSITORY]["other"].clone();
    fake.lock().expect("not poisoned").moves_tags_to = Some(other.clone());
    let error = registry.publish(&package("1.2.3")).await.expect_err("noticed");
    assert_eq!(error.code(), "MPP-N407");
    assert!(error.to_string().contains(&other), "{error}");
}

#[tokio::test]
async fn development_keys_and_long_versions_are_refused() {
    let (_fake, registry) = registry().await;
    let development = SigningKey::from_seed(&[9; 32], KeyRole::Development);
    let error = registry.publish(&SamplePackage::new().signed_by(development).verify()).await.expect_err("refused");
    assert_eq!(error.code(), "MPP-N412");
    let long = version(&format!("1.0.0-{}", "a".repeat(130)));
    let error = registry.fetch(&id(), &long, &|_, _| ()).await.expect_err("refused");
    assert_eq!(error.code(), "MPP-N410");
}

#[tokio::test]
async fn versions_are_the_tags_that_are_versions() {
    let (fake, registry) = registry().await;
    for tag in ["1.2.0", "1.10.0", "latest", "2.0.0-rc.1", "v3", "sha256-abc.sig"] {
        push(&fake, tag, &json!({}));
    }
    let versions = registry.versions(&id()).await.expect("lists");
    assert_eq!(versions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2.0.0-rc.1", "1.10.0", "1.2.0"]);
    let other = PackageId::parse("com.example.other").expect("an id");
    assert_eq!(registry.versions(&other).await.expect_err("none").code(), "MPP-N404");
}

#[tokio::test]
async fn more_tags_than_one_page_are_read() {
    let (fake, registry) = registry().await;
    for patch in 0..1005 {
        push(&fake, &format!("1.0.{patch}"), &json!({}));
    }
    assert_eq!(registry.versions(&id()).await.expect("lists").len(), 1005);
}

#[tokio::test]
async fn artifacts_that_are_not_packages_are_refused() {
    let (fake, registry) = registry().await;
    let package = package("1.2.3");
    let change = |pointer: &str, value: Value| {
        let mut manifest = manifest(&package);
        *manifest.pointer_mut(pointer).expect("a member") = value;
        manifest
    };
    let too_large = change("/layers/0/size", json!(200 * 1024 * 1024));
    for (manifest, reason) in [
        (change("/artifactType", json!("application/x")), "its type is `application/x`"),
        (change("/layers", json!([])), "it has 0 layers"),
        (change("/layers/0/mediaType", json!("application/x")), "the type of its layer"),
        (change("/layers/0/digest", json!("sha512:00")), "expected SHA-256"),
        (change("/layers/0/size", json!(-1)), "-1 bytes"),
        (too_large, "expected at most"),
        (json!({"schemaVersion": 2, "manifests": []}), "malformed"),
        (json!("text"), "malformed"),
    ] {
        push(&fake, "1.2.3", &manifest);
        let error = fetch_error(&registry).await;
        assert_eq!(error.code(), "MPP-N405", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_those_of_the_manifest_are_refused() {
    let (fake, registry) = registry().await;
    let package = package("1.2.3");
    push(&fake, "1.2.3", &manifest(&package));
    let digest = Digest::of(package.bytes()).to_string();
    let mut longer = package.bytes().to_vec();
    longer.extend([0; 1000]);
    let mut changed = package.bytes().to_vec();
    changed[100] ^= 1;
    for bytes in [longer, changed, package.bytes()[..100].to_vec(), Vec::new()] {
        fake.lock().expect("not poisoned").blobs.insert(digest.clone(), bytes.into());
        let error = fetch_error(&registry).await;
        assert!(["MPP-N405", "MPP-N411"].iter().any(|code| error.code() == code), "{error:?}");
    }
    fake.lock().expect("not poisoned").blobs.clear();
    assert_eq!(fetch_error(&registry).await.code(), "MPP-N404");
}

#[tokio::test]
async fn a_package_under_another_name_or_version_is_refused() {
    let (_fake, registry) = registry().await;
    let package = package("1.2.3");
    registry.publish(&package).await.expect("publishes");
    let fetched = registry.fetch(&id(), &version("1.2.3"), &|_, _| ()).await.expect("fetches");
    let other = PackageId::parse("com.example.other").expect("an id");
    for (id, asked) in [(other, "1.2.3"), (id(), "1.2.4")] {
        let error = fetched.check(&package, &id, &version(asked)).expect_err("refused");
        assert_eq!(error.code(), "MPP-N406");
        assert!(error.to_string().contains("com.example.sample 1.2.3"), "{error}");
    }
    let gatekeeper = mpp_host::gatekeeper::Gatekeeper::new(
        Default::default(),
        std::sync::Arc::new(mpp_host::clock::SystemClock::new()),
    );
    let verified = gatekeeper.verify(UnverifiedPackage::new(fetched.bytes.to_vec())).outcome.expect("passes");
    fetched.check(&verified, &id(), &version("1.2.3+any")).expect("build metadata makes no other version");
}

#[tokio::test]
async fn search_goes_through_the_catalogue() {
    let (fake, registry) = registry().await;
    for version in ["1.2.3", "1.3.0-rc.1"] {
        registry.publish(&package(version)).await.expect("publishes");
    }
    registry.publish(&SamplePackage::new().id("com.example.notes").verify()).await.expect("publishes");
    {
        let mut fake = fake.lock().expect("not poisoned");
        fake.tags.insert("team/toolsx/com.example.sample".into(), [("1.0.0".to_owned(), "x".to_owned())].into());
        fake.tags.insert("team/tools/com.example.image".into(), [("1.0.0".to_owned(), "x".to_owned())].into());
        fake.tags.insert("team/tools/Not-An-Id".into(), Default::default());
    }
    let found = registry.search("example SAMPLE").await.expect("finds");
    assert!(found.complete);
    assert_eq!(found.results.len(), 1, "{found:?}");
    let sample = &found.results[0];
    assert_eq!((sample.package_id.as_str(), sample.version.to_string().as_str()), ("com.example.sample", "1.2.3"));
    assert_eq!(sample.claimed_description.as_deref(), Some("A package for tests"));
    let result = sample.clone().into_result().expect("names a key");
    assert_eq!((result.key, result.publisher.as_deref()), (SamplePackage::new().key().public(), Some("Example")));
    assert_eq!(registry.search("").await.expect("finds").results.len(), 2);
    assert_eq!(registry.search("nothing").await.expect("finds").results, []);
    for status in [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED, StatusCode::METHOD_NOT_ALLOWED] {
        fake.lock().expect("not poisoned").no_catalogue = Some(status);
        assert_eq!(registry.search("x").await.expect_err("none").code(), "MPP-N408", "{status}");
    }
}

#[tokio::test]
async fn refusals_and_failures_are_told_apart() {
    let (fake, registry) = registry().await;
    for (status, code) in [
        (StatusCode::FORBIDDEN, "MPP-N409"),
        (StatusCode::UNAUTHORIZED, "MPP-N409"),
        (StatusCode::NOT_FOUND, "MPP-N404"),
        (StatusCode::INTERNAL_SERVER_ERROR, "MPP-N411"),
    ] {
        fake.lock().expect("not poisoned").refuses = Some(status);
        assert_eq!(fetch_error(&registry).await.code(), code, "{status}");
    }
    let address = OciAddress::parse("oci://127.0.0.1:1/t").expect("an address");
    let nobody = OciRegistry::new(address, OciOptions::default()).expect("a client");
    assert_eq!(fetch_error(&nobody).await.code(), "MPP-N411");
}

#[test]
fn credentials_are_read_from_the_value_of_a_header() {
    let user = |value: &str| match Credentials::of_header(value) {
        Some(Credentials::Basic { user, password }) => format!("{user}/{password}"),
        Some(Credentials::Bearer(token)) => token,
        other => format!("{other:?}"),
    };
    // "ada:s3:cret"
    assert_eq!(user("Basic YWRhOnMzOmNyZXQ="), "ada/s3:cret");
    assert_eq!(user(" bearer abc "), "abc");
    for bad in ["", "abc", "Digest x", "Basic ???", "Basic YWRh"] {
        assert_eq!(user(bad), "None", "{bad}");
    }
}

#[test]
fn malformed_certificates_are_refused() {
    let address = OciAddress::parse("oci://r.example/t").expect("an address");
    let pem = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    let error = OciRegistry::new(address, OciOptions::default().with_certificates(pem)).expect_err("refused");
    assert_eq!(error.code(), "MPP-N411");
}

#[test]
fn credentials_are_not_printed() {
    let secret = Credentials::Basic { user: "ada".into(), password: "s3cret".into() };
    let options = OciOptions::new(secret);
    assert!(!format!("{options:?}").contains("s3cret"));
    assert!(!format!("{:?}", Credentials::Bearer("s3cret".into())).contains("s3cret"));
}
