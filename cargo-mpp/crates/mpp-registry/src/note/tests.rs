//! Published vectors of signed notes, and notes that are refused.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyRole, SigningKey};

use super::{Algorithm, Note, NoteError, NoteSigner, VerifierKey};

// The vectors of Go's `golang.org/x/mod/sumdb/note`.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const BY_ENOCH: &str =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
/// The key of Go's checksum database.
const GO: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn note(parts: &[&str]) -> Result<Note, NoteError> {
    Note::parse(parts.concat().as_bytes())
}

#[test]
fn keys_are_read_and_written_alike_and_no_part_of_one_is_a_key() {
    for text in [PETER, ENOCH, GO] {
        assert_eq!(key(text).to_string(), text);
    }
    assert_eq!(key(GO).name(), "sum.golang.org");
    for start in 0..PETER.len() {
        for end in start + 1..=PETER.len() {
            let part = &PETER[start..end];
            assert!(part == PETER || part.parse::<VerifierKey>().is_err(), "{part}");
        }
    }
    for at in 0..PETER.len() {
        let mut bytes = PETER.as_bytes().to_vec();
        bytes[at] += 1;
        assert!(String::from_utf8(bytes).unwrap().parse::<VerifierKey>().is_err(), "{at}");
    }
    // A key of another length and one of an unknown kind, with hashes that belong to them.
    for bad in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(bad.parse::<VerifierKey>().unwrap_err().code(), "MPP-N102");
    }
}

#[test]
fn signing_gives_the_published_note() {
    let secret = STANDARD.decode(PETER_SECRET).unwrap();
    let key = SigningKey::from_seed(secret[1..].try_into().unwrap(), KeyRole::Publisher);
    let signer = NoteSigner::log("PeterNeumann", key).unwrap();
    assert_eq!(signer.verifier().to_string(), PETER);
    let mut signed = Note::new(TEXT.to_owned()).unwrap();
    signed.add(signer.sign(TEXT, 0));
    assert_eq!(String::from_utf8(signed.to_bytes()).unwrap(), [TEXT, "\n", BY_PETER].concat());
    // A second signature by the same key replaces the first.
    signed.add(signer.sign(TEXT, 0));
    assert_eq!(signed.signatures().len(), 1);
}

#[test]
fn signatures_by_known_keys_are_verified_and_others_are_ignored() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    let both = note(&[TEXT, "\n", BY_PETER, BY_ENOCH]).unwrap();
    assert_eq!(both.text(), TEXT);
    let names = |keys: &[VerifierKey]| {
        both.verify(keys)
            .map(|verified| verified.signed_by.iter().map(|(key, _)| key.name().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(names(std::slice::from_ref(&peter)).unwrap(), ["PeterNeumann"]);
    assert_eq!(names(&[peter.clone(), enoch.clone()]).unwrap(), ["PeterNeumann", "EnochRoot"]);
    assert_eq!(names(&[]).unwrap_err().code(), "MPP-N104");
    assert_eq!(names(&[key(GO)]).unwrap_err().code(), "MPP-N104");

    // One bad signature by a known key is enough to refuse the note, also beside a good one by another.
    let (start, end) = BY_PETER.split_at(60);
    let bad = note(&[TEXT, "\n", start, "ABCD", end, BY_ENOCH]).unwrap();
    assert_eq!(bad.verify([&peter, &enoch]).unwrap_err().code(), "MPP-N103");
    assert!(bad.verify([&enoch]).is_ok());
    // The same name with another id is another key.
    let renamed = BY_PETER.replace("x08g", "xxxx");
    assert_eq!(note(&[TEXT, "\n", &renamed]).unwrap().verify([&peter]).unwrap_err().code(), "MPP-N104");
    let changed = note(&[&TEXT.replace("answer", "question"), "\n", BY_PETER]).unwrap();
    assert_eq!(changed.verify([&peter]).unwrap_err().code(), "MPP-N103");
}

#[test]
fn refuses_what_is_not_a_note() {
    let unfinished = &BY_PETER[..BY_PETER.len() - 1];
    let many = BY_PETER.repeat(101);
    let cases: &[&[&str]] = &[
        &[TEXT],
        &[TEXT, "\n"],
        &[TEXT, "\n", unfinished],
        &["\x01", TEXT, "\n", BY_PETER],
        &[
            TEXT,
            "\n",
            "— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
        ],
        &[TEXT, "\n", BY_PETER, "Unexpected line.\n"],
        &[TEXT, "\n", &many],
        &[TEXT, "\n", "— PeterNeumann x08go\n"],
        &[TEXT, "\n", "— PeterNeumann x08gow==\n"],
        &["no newline", "\n\n", "x"],
        &[],
    ];
    for case in cases {
        assert!(note(case).is_err(), "{case:?}");
    }
    assert!(Note::parse(b"\xff\n\n").is_err());
    assert!(Note::parse(&[b'a'; super::MAX_NOTE + 1]).is_err());
    for text in ["", "no newline", "tab\t\n"] {
        assert_eq!(Note::new(text.to_owned()).unwrap_err().code(), "MPP-N101", "{text:?}");
    }
    // A text can have empty lines.
    let signer = NoteSigner::log("a", SigningKey::from_seed(&[1; 32], KeyRole::Publisher)).unwrap();
    let mut gaps = Note::new("a\n\n\nb\n\n".to_owned()).unwrap();
    gaps.add(signer.sign("a\n\n\nb\n\n", 0));
    let read = Note::parse(&gaps.to_bytes()).unwrap();
    assert_eq!((read.text(), read.verify([signer.verifier()]).is_ok()), ("a\n\n\nb\n\n", true));
}

#[test]
fn a_weak_key_is_not_a_verifier_key() {
    // The neutral element and a point of order 8, which verify signatures of anything in a lenient check.
    let mut points = vec![[0; 32]; 2];
    points[0][0] = 1;
    points[1] =
        hex::decode("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a").unwrap().try_into().unwrap();
    for point in points {
        let mut hash = sha2::Sha256::default();
        sha2::Digest::update(&mut hash, [b"weak\n".as_slice(), &[1], &point].concat());
        let id = hex::encode(&sha2::Digest::finalize(hash)[..4]);
        let text = format!("weak+{id}+{}", STANDARD.encode([&[1], point.as_slice()].concat()));
        assert_eq!(text.parse::<VerifierKey>().unwrap_err().code(), "MPP-N102", "{text}");
    }
}

#[test]
fn a_cosignature_covers_its_time_and_is_not_an_ordinary_signature() {
    let secret = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
    let witness = NoteSigner::witness("witness.example.com/w1", secret.clone()).unwrap();
    let signature = witness.sign(TEXT, 1_679_315_147);
    assert_eq!(signature.bytes.len(), 72);
    assert_eq!(signature.bytes[..8], 1_679_315_147_u64.to_be_bytes());
    // What is signed, word for word as in C2SP tlog-cosignature.
    let message = format!("cosignature/v1\ntime 1679315147\n{TEXT}");
    assert!(secret.public().verifies(message.as_bytes(), &signature.bytes[8..]));
    assert_eq!(signature.verify(TEXT, witness.verifier()).unwrap(), Some(1_679_315_147));

    let mut later = signature.clone();
    later.bytes[7] ^= 1;
    assert!(later.verify(TEXT, witness.verifier()).is_err());
    let short = super::NoteSignature { bytes: signature.bytes[..8].to_vec(), ..signature.clone() };
    assert!(short.verify(TEXT, witness.verifier()).is_err());
    let plain = VerifierKey::new("witness.example.com/w1", Algorithm::Ed25519, secret.public()).unwrap();
    assert_ne!(plain.id(), witness.verifier().id());
    assert!(signature.verify(TEXT, &plain).is_err());
    assert_eq!(key(&witness.verifier().to_string()), *witness.verifier());
}
