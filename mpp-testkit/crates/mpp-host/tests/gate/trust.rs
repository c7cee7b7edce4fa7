//! Trust in publishers, which is decided after verification.

use mpp_host::codes::Coded as _;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};
use mpp_host::trust::{Rotation, Trust, TrustStore, TrustedPublisher};

use crate::sample;

fn package() -> VerifiedPackage {
    sample::verify(sample::signed()).outcome.unwrap()
}

fn publisher(prefix: &str) -> TrustedPublisher {
    publisher_with(sample::key().public(), prefix)
}

fn publisher_with(key: PublicKey, prefix: &str) -> TrustedPublisher {
    TrustedPublisher::new(key, "Example", [prefix], "2026-01-01T00:00:00Z")
}

#[test]
fn nobody_is_trusted_at_first() {
    let error = TrustStore::new().admit(&package()).unwrap_err();
    assert_eq!(error.code(), "MPP-K201");
    assert_eq!(TrustStore::new().decide(&package()), Trust::UnknownPublisher);
}

#[test]
fn packages_signed_with_own_keys_are_trusted() {
    let mut store = TrustStore::new();
    store.add_own(sample::key().public());
    let admission = store.admit(&package()).unwrap();
    assert_eq!(admission.trust(), Trust::Own);
    assert!(admission.is_for(&package()));
}

#[test]
fn a_publisher_is_trusted_for_its_prefixes_only() {
    for (prefix, trust) in [
        ("com.example", Trust::Trusted),
        ("com.example.sample", Trust::Trusted),
        ("com.example.sam", Trust::UnknownPublisher),
        ("com.other", Trust::UnknownPublisher),
    ] {
        let mut store = TrustStore::new();
        store.add(publisher(prefix));
        assert_eq!(store.decide(&package()), trust, "{prefix}");
    }
}

#[test]
fn another_key_with_the_same_name_is_not_trusted() {
    let mut store = TrustStore::new();
    let key = SigningKey::from_seed(&[1; 32], KeyRole::Publisher).public();
    store.add(publisher_with(key, "*"));
    assert_eq!(store.decide(&package()), Trust::UnknownPublisher);
}

#[test]
fn a_revoked_key_is_refused_even_if_it_is_own() {
    let mut store = TrustStore::new();
    store.add_own(sample::key().public());
    store.add(publisher("*"));
    store.revoke(sample::key().public(), "stolen");
    let error = store.admit(&package()).unwrap_err();
    assert_eq!(error.code(), "MPP-K202");
    assert!(error.to_string().ends_with("stolen"));
}

#[test]
fn a_trusted_publisher_round_trips_through_json() {
    let json = serde_json::to_string(&publisher("com.example")).unwrap();
    assert_eq!(serde_json::from_str::<TrustedPublisher>(&json).unwrap(), publisher("com.example"));
    let misspelled = json.replace("prefixes", "prefix");
    assert!(serde_json::from_str::<TrustedPublisher>(&misspelled).is_err());
}

#[test]
fn a_rotation_by_the_old_key_transfers_its_trust() {
    let old = SigningKey::from_seed(&[1; 32], KeyRole::Publisher);
    let statement = Rotation::sign(&old, sample::key().public(), "2026-01-01T00:00:00Z").unwrap().to_json();
    let mut store = TrustStore::new();
    store.add(publisher_with(old.public(), "com.example"));
    assert_eq!(store.decide(&package()), Trust::UnknownPublisher);
    let added = store.rotate(&Rotation::verify(&statement).unwrap()).unwrap();
    assert_eq!(added, [publisher("com.example")]);
    assert_eq!(store.decide(&package()), Trust::Trusted);

    store.revoke(old.public(), "lost");
    let error = store.rotate(&Rotation::verify(&statement).unwrap()).unwrap_err();
    assert_eq!(error.code(), "MPP-K205");
}

#[test]
fn a_rotation_by_another_key_transfers_nothing() {
    let old = SigningKey::from_seed(&[1; 32], KeyRole::Publisher);
    let thief = SigningKey::from_seed(&[2; 32], KeyRole::Publisher);
    let mut envelope = Rotation::sign(&thief, thief.public(), "2026-01-01T00:00:00Z").unwrap();
    assert_eq!(Rotation::verify(&envelope.to_json()).unwrap_err().code(), "MPP-K203", "to itself");
    envelope = Rotation::sign(&old, thief.public(), "2026-01-01T00:00:00Z").unwrap();
    let honest = envelope.signatures.clone();
    envelope = Rotation::sign(&thief, sample::key().public(), "2026-01-01T00:00:00Z").unwrap();
    envelope.signatures = honest;
    assert_eq!(
        Rotation::verify(&envelope.to_json()).unwrap_err().code(),
        "MPP-K204",
        "a signature over something else"
    );
}
