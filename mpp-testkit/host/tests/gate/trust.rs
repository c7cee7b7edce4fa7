//! Trust: who may run what, decided after verification.

use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::trust::{Trust, TrustStore, TrustedPublisher};

use super::sample;

fn package() -> VerifiedPackage {
    sample::verify(sample::signed()).outcome.unwrap()
}

fn publisher(prefix: &str) -> TrustedPublisher {
    TrustedPublisher {
        key: sample::key().public(),
        name: "Example".to_owned(),
        prefixes: vec![prefix.to_owned()],
        added: "2026-01-01T00:00:00Z".to_owned(),
    }
}

#[test]
fn nobody_is_trusted_at_first() {
    let error = TrustStore::new().admit(&package()).unwrap_err();
    assert_eq!(error.code(), "MPP-K201");
    assert_eq!(TrustStore::new().decide(&package()), Trust::UnknownPublisher);
}

#[test]
fn own_keys_run_everything_they_signed() {
    let mut store = TrustStore::new();
    store.add_own(sample::key().public());
    let admission = store.admit(&package()).unwrap();
    assert_eq!(admission.trust(), Trust::Own);
    assert!(admission.is_for(&package()));
}

#[test]
fn a_publisher_is_trusted_for_its_prefixes_alone() {
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
    store.add(TrustedPublisher { key, ..publisher("*") });
    assert_eq!(store.decide(&package()), Trust::UnknownPublisher);
}

#[test]
fn a_revoked_key_is_refused_even_where_it_is_own() {
    let mut store = TrustStore::new();
    store.add_own(sample::key().public());
    store.add(publisher("*"));
    store.revoke(sample::key().public(), "stolen");
    let error = store.admit(&package()).unwrap_err();
    assert_eq!(error.code(), "MPP-K202");
    assert!(error.to_string().ends_with("stolen"));
}

#[test]
fn a_trusted_publisher_survives_json() {
    let json = serde_json::to_string(&publisher("com.example")).unwrap();
    assert_eq!(serde_json::from_str::<TrustedPublisher>(&json).unwrap(), publisher("com.example"));
    let misspelled = json.replace("prefixes", "prefix");
    assert!(serde_json::from_str::<TrustedPublisher>(&misspelled).is_err());
}
