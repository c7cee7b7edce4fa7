//! Step 5: envelopes that are absent, malformed, or signed by another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::UnverifiedPackage;
use mpp_host::package::tamper::RawEntry;
use mpp_host::signature::countersign;
use serde_json::{Value, json};

use super::{Case, bytes, raw, stated, valid};
use crate::gate::sample;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        raw("MPP-G501", "no signature", |archive| drop(archive.entries.pop())),
        text("MPP-G502", "an empty signature", ""),
        text("MPP-G502", "a signature that is no JSON", "hello"),
        text("MPP-G502", "a signature that is an array", "[]"),
        text("MPP-G502", "an envelope and something after it", &format!("{} {{}}", envelope())),
        text(
            "MPP-G502",
            "a duplicate key in the envelope",
            &envelope().to_string().replacen('{', "{\"payload\":\"\",", 1),
        ),
        edited("MPP-G502", "another payload type", |envelope| envelope["payloadType"] = "text/plain".into()),
        edited("MPP-G502", "an unknown field", |envelope| envelope["cert"] = "x".into()),
        edited("MPP-G502", "no signatures", |envelope| envelope["signatures"] = json!([])),
        edited("MPP-G502", "an empty key id", |envelope| envelope["signatures"][0]["keyid"] = "".into()),
        edited("MPP-G502", "no key id", |envelope| {
            drop(envelope["signatures"][0].as_object_mut().unwrap().remove("keyid"))
        }),
        edited("MPP-G502", "a repeated key id", |envelope| {
            let signature = envelope["signatures"][0].clone();
            envelope["signatures"].as_array_mut().unwrap().push(signature);
        }),
        edited("MPP-G502", "one key under two ids", |envelope| {
            let mut signature = envelope["signatures"][0].clone();
            signature["keyid"] = "another".into();
            envelope["signatures"].as_array_mut().unwrap().push(signature);
        }),
        edited("MPP-G502", "one key under both its ids", |envelope| {
            let mut signature = envelope["signatures"][0].clone();
            signature["keyid"] = signature["keyid"].as_str().unwrap().replace("pub_", "dev_").into();
            envelope["signatures"].as_array_mut().unwrap().push(signature);
        }),
        edited("MPP-G502", "65 signatures", |envelope| {
            let more = (0..64).map(|n| json!({ "keyid": format!("k{n}"), "sig": "" }));
            envelope["signatures"].as_array_mut().unwrap().extend(more);
        }),
        edited("MPP-G502", "a signature that is not Base64", |envelope| {
            envelope["signatures"][0]["sig"] = "***".into()
        }),
        edited("MPP-G502", "a payload that is not Base64", |envelope| envelope["payload"] = "***".into()),
        edited("MPP-G502", "a payload without its padding bits", |envelope| {
            let payload = envelope["payload"].as_str().unwrap().trim_end_matches('=').to_owned();
            envelope["payload"] = format!("{payload}A").into();
        }),
        edited("MPP-G503", "a signature that is too short", |envelope| {
            envelope["signatures"][0]["sig"] = "AAAA".into()
        }),
        edited("MPP-G503", "a signature of zeros", |envelope| {
            envelope["signatures"][0]["sig"] = STANDARD.encode([0; 64]).into();
        }),
        edited("MPP-G503", "a bit flipped in the signature", |envelope| flip(envelope, |sig| sig[3] ^= 4)),
        edited("MPP-G503", "a signature with the group order added", |envelope| flip(envelope, add_order)),
        edited("MPP-G503", "a statement changed after signing", |envelope| {
            restate(envelope, |statement| statement["predicate"]["toolchain"]["builder"] = "another".into());
        }),
        edited("MPP-G504", "the statement names a key that did not sign", |envelope| {
            let other = SigningKey::from_seed(&[9; 32], KeyRole::Publisher);
            restate(envelope, |statement| statement["predicate"]["public_key"] = other.public().to_base64().into());
        }),
        edited("MPP-G504", "another key id on the signature", |envelope| {
            envelope["signatures"][0]["keyid"] = "pub_0000000000000000".into();
        }),
        stated("MPP-G502", "another statement type", |statement| {
            statement["_type"] = "https://in-toto.io/Statement/v0.1".into()
        }),
        stated("MPP-G502", "another predicate type", |statement| {
            statement["predicateType"] = "https://slsa.dev/provenance/v1".into()
        }),
        stated("MPP-G502", "an unknown field in the predicate", |statement| statement["predicate"]["extra"] = 1.into()),
        stated("MPP-G502", "no content hash", |statement| {
            statement["predicate"].as_object_mut().unwrap().remove("content_hash");
        }),
        stated("MPP-G502", "a content hash in capitals", |statement| {
            let hash = statement["predicate"]["content_hash"].as_str().unwrap().to_uppercase();
            statement["predicate"]["content_hash"] = hash.into();
        }),
        stated("MPP-G502", "a public key that is too short", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([7; 31]).into();
        }),
        stated("MPP-G506", "a public key of small order", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([0; 32]).into();
        }),
        stated("MPP-G506", "a public key that is no canonical point", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([0xff; 32]).into();
        }),
    ];
    cases.push(broken_countersignature());
    cases
}

/// The valid package's envelope.
fn envelope() -> Value {
    serde_json::from_slice(&valid().entry("signature.json").data).unwrap()
}

/// The valid package with this text as its signature.
fn text(code: &'static str, name: &'static str, text: &str) -> Case {
    raw(code, name, |archive| *archive.entry("signature.json") = RawEntry::stored("signature.json", text.as_bytes()))
}

/// The valid package with its envelope changed.
fn edited(code: &'static str, name: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    let mut envelope = envelope();
    change(&mut envelope);
    text(code, name, &envelope.to_string())
}

fn flip(envelope: &mut Value, change: impl FnOnce(&mut [u8])) {
    let mut signature = STANDARD.decode(envelope["signatures"][0]["sig"].as_str().unwrap()).unwrap();
    change(&mut signature);
    envelope["signatures"][0]["sig"] = STANDARD.encode(signature).into();
}

/// A second way to write the same scalar, which a lenient verifier takes (RFC 8032, 8.4).
fn add_order(signature: &mut [u8]) {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

fn restate(envelope: &mut Value, change: impl FnOnce(&mut Value)) {
    let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let mut statement: Value = serde_json::from_slice(&payload).unwrap();
    change(&mut statement);
    envelope["payload"] = STANDARD.encode(statement.to_string()).into();
}

fn broken_countersignature() -> Case {
    let registry = SigningKey::from_seed(&[5; 32], KeyRole::Publisher);
    let package = countersign(&UnverifiedPackage::new(sample::signed()), &registry).unwrap();
    let mut archive = mpp_host::package::tamper::RawArchive::read(package.as_slice()).unwrap();
    let mut envelope: Value = serde_json::from_slice(&archive.entry("signature.json").data).unwrap();
    envelope["signatures"][1]["sig"] = STANDARD.encode([0; 64]).into();
    *archive.entry("signature.json") = RawEntry::stored("signature.json", envelope.to_string().as_bytes());
    let case = bytes("MPP-G505", "a registry's countersignature that does not hold", archive.to_bytes());
    Case { gatekeeper: sample::gatekeeper().with_registry_keys([registry.public()]), ..case }
}
