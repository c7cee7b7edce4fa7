//! Envelopes: the exact bytes that are signed, countersignatures, and envelopes from other programs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::UnverifiedPackage;
use mpp_host::package::tamper::{RawArchive, RawEntry};
use mpp_host::signature::dsse::{Envelope, IN_TOTO, pae};
use mpp_host::signature::{CountersignatureState, countersign};
use serde_json::Value;

use crate::sample;

#[test]
fn signs_the_encoding_of_the_dsse_specification() {
    // The example in DSSE's `protocol.md`.
    let encoded = pae("http://example.com/HelloWorld", b"hello world");
    assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

#[test]
fn the_statement_is_an_in_toto_statement_about_every_entry() {
    let mut archive = RawArchive::read(sample::signed().as_slice()).unwrap();
    let envelope = Envelope::parse(&archive.entry("signature.json").data).unwrap();
    assert_eq!(envelope.payload_type, "application/vnd.in-toto+json");
    assert_eq!(envelope.signatures[0].keyid, sample::key().id().as_str());
    let statement: Value = serde_json::from_slice(&STANDARD.decode(&envelope.payload).unwrap()).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://mpp-protocol.io/attestation/package/v1");
    let names: Vec<&str> =
        statement["subject"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["manifest.json", "README.md", "assets/words.txt", "bin/main.wasm"]);
    let predicate = statement["predicate"].as_object().unwrap();
    let fields: Vec<&str> = predicate.keys().map(String::as_str).collect();
    let mut expected = ["package_id", "version", "content_hash", "entries", "public_key", "toolchain"];
    let mut found = fields.clone();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_countersignature_changes_neither_hash_nor_publisher() {
    let registry = SigningKey::from_seed(&[5; 32], KeyRole::Publisher);
    let before = sample::verify(sample::signed()).outcome.unwrap();
    let bytes = countersign(&before, &registry).unwrap();

    let unknown = sample::verify(bytes.clone());
    let package = unknown.outcome.unwrap();
    assert_eq!(package.content_hash(), before.content_hash());
    assert_eq!(package.publisher_key(), before.publisher_key());
    assert_eq!(package.countersignatures()[0].keyid, registry.id().as_str());
    assert_eq!(package.countersignatures()[0].state, CountersignatureState::Unverified);
    assert!(unknown.report.not_established.iter().any(|sentence| sentence.contains("countersignatures")));

    let known = sample::gatekeeper().with_registry_keys([registry.public()]);
    let package = known.verify(UnverifiedPackage::new(bytes.clone())).outcome.unwrap();
    assert_eq!(package.countersignatures()[0].state, CountersignatureState::Verified);

    let error = countersign(&package, &registry).unwrap_err();
    assert_eq!(error.code(), "MPP-K102");
    let error = countersign(&before, &sample::key()).unwrap_err();
    assert_eq!(error.code(), "MPP-K102");
}

#[test]
fn accepts_url_safe_base64_and_any_json_layout() {
    let mut archive = RawArchive::read(sample::signed().as_slice()).unwrap();
    let mut envelope: Value = serde_json::from_slice(&archive.entry("signature.json").data).unwrap();
    let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    envelope["payload"] = URL_SAFE.encode(payload).into();
    *archive.entry("signature.json") = RawEntry::stored("signature.json", envelope.to_string().as_bytes());
    assert!(sample::verify(archive.to_bytes()).outcome.is_ok());
}

#[test]
fn an_envelope_verifies_only_its_own_payload_type_and_key() {
    let envelope = Envelope::sign("text/plain", b"hello", &sample::key());
    assert!(envelope.decode(IN_TOTO).is_err());
    let decoded = envelope.decode("text/plain").unwrap();
    assert!(decoded.verifies(sample::key().id().as_str(), &sample::key().public()));
    assert!(!decoded.verifies("pub_0000000000000000", &sample::key().public()));
}
