//! Packages for step 5, with envelopes that are absent, malformed, or signed by another key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Mutation, list, raw, stated, text_of, without};
use crate::keys::{KeyRole, SigningKey};
use crate::package::SIGNATURE;
use crate::package::tamper::{RawArchive, RawEntry};
use crate::signature::dsse::Envelope;

pub(super) fn mutations() -> Vec<Mutation> {
    let mut mutations = vec![
        raw("MPP-G501", "no signature", |archive| drop(archive.entries.pop())),
        text("MPP-G502", "an empty signature", |_| String::new()),
        text("MPP-G502", "a signature that is not JSON", |_| "hello".to_owned()),
        text("MPP-G502", "a signature that is an array", |_| "[]".to_owned()),
        text("MPP-G502", "an envelope and something after it", |envelope| format!("{envelope} {{}}")),
        text("MPP-G502", "a duplicate key in the envelope", |envelope| {
            envelope.to_string().replacen('{', "{\"payload\":\"\",", 1)
        }),
        edited("MPP-G502", "another payload type", |envelope| envelope["payloadType"] = "text/plain".into()),
        edited("MPP-G502", "an unknown field", |envelope| envelope["cert"] = "x".into()),
        edited("MPP-G502", "no signatures", |envelope| envelope["signatures"] = json!([])),
        edited("MPP-G502", "an empty key id", |envelope| envelope["signatures"][0]["keyid"] = "".into()),
        edited("MPP-G502", "no key id", |envelope| {
            without(&mut envelope["signatures"][0], "keyid");
        }),
        edited("MPP-G502", "a repeated key id", |envelope| {
            let signature = envelope["signatures"][0].clone();
            list(&mut envelope["signatures"], |all| all.push(signature));
        }),
        edited("MPP-G502", "one key under two ids", |envelope| {
            let mut signature = envelope["signatures"][0].clone();
            signature["keyid"] = "another".into();
            list(&mut envelope["signatures"], |all| all.push(signature));
        }),
        edited("MPP-G502", "one key under both its ids", |envelope| {
            let mut signature = envelope["signatures"][0].clone();
            signature["keyid"] = other_role(text_of(&signature["keyid"])).into();
            list(&mut envelope["signatures"], |all| all.push(signature));
        }),
        edited("MPP-G502", "65 signatures", |envelope| {
            let more = (0..64).map(|n| json!({ "keyid": format!("k{n}"), "sig": "" }));
            list(&mut envelope["signatures"], |all| all.extend(more));
        }),
        edited("MPP-G502", "a signature that is not Base64", |envelope| {
            envelope["signatures"][0]["sig"] = "***".into()
        }),
        edited("MPP-G502", "a payload that is not Base64", |envelope| envelope["payload"] = "***".into()),
        edited("MPP-G502", "a payload without its padding bits", |envelope| {
            let payload = text_of(&envelope["payload"]).trim_end_matches('=').to_owned();
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
            without(&mut statement["predicate"], "content_hash");
        }),
        stated("MPP-G502", "a content hash in capitals", |statement| {
            let hash = text_of(&statement["predicate"]["content_hash"]).to_uppercase();
            statement["predicate"]["content_hash"] = hash.into();
        }),
        stated("MPP-G502", "a public key that is too short", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([7; 31]).into();
        }),
        stated("MPP-G506", "a public key of small order", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([0; 32]).into();
        }),
        stated("MPP-G506", "a public key that is not canonical", |statement| {
            statement["predicate"]["public_key"] = STANDARD.encode([0xff; 32]).into();
        }),
    ];
    mutations.push(broken_countersignature());
    mutations
}

/// Returns a mutation that replaces the text of the signature.
fn text(code: &'static str, name: &'static str, change: impl Fn(Value) -> String + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        *archive.entry(SIGNATURE) = RawEntry::stored(SIGNATURE, change(kit.envelope()).as_bytes());
        archive.to_bytes()
    })
}

/// Returns a mutation that changes the envelope.
fn edited(code: &'static str, name: &'static str, change: impl Fn(&mut Value) + 'static) -> Mutation {
    text(code, name, move |mut envelope| {
        change(&mut envelope);
        envelope.to_string()
    })
}

/// Returns the id of the same key in its other role.
fn other_role(id: &str) -> String {
    match id.strip_prefix("dev_") {
        Some(digits) => format!("pub_{digits}"),
        None => id.replace("pub_", "dev_"),
    }
}

fn flip(envelope: &mut Value, change: impl FnOnce(&mut [u8])) {
    let mut signature = STANDARD.decode(text_of(&envelope["signatures"][0]["sig"])).unwrap_or_default();
    change(&mut signature);
    envelope["signatures"][0]["sig"] = STANDARD.encode(signature).into();
}

/// Changes the scalar to an equivalent one that is not canonical, which a lenient verifier accepts (RFC 8032, 8.4).
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
    let payload = STANDARD.decode(text_of(&envelope["payload"])).unwrap_or_default();
    let mut statement: Value = serde_json::from_slice(&payload).unwrap_or_default();
    change(&mut statement);
    envelope["payload"] = STANDARD.encode(statement.to_string()).into();
}

fn broken_countersignature() -> Mutation {
    let registry = SigningKey::from_seed(&[5; 32], KeyRole::Publisher);
    let known = registry.public();
    let mutation = Mutation::new("MPP-G505", "a registry's countersignature that does not hold", move |kit| {
        let valid = kit.valid();
        let Some(mut archive) = RawArchive::read(valid.as_slice()) else { return valid };
        let signature = archive.entry(SIGNATURE);
        let Ok(mut envelope) = Envelope::parse(&signature.data) else { return valid };
        if envelope.countersign(&registry).is_err() {
            return valid;
        }
        let mut envelope: Value = serde_json::from_slice(&envelope.to_json()).unwrap_or_default();
        envelope["signatures"][1]["sig"] = STANDARD.encode([0; 64]).into();
        *signature = RawEntry::stored(SIGNATURE, envelope.to_string().as_bytes());
        archive.to_bytes()
    });
    Mutation { registry_key: Some(known), ..mutation }
}
