//! A package that was packed and signed is verified and contains what was put in.

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::UnverifiedPackage;
use mpp_host::signature::{SignError, SignatureOutcome, sign, unsign};

use crate::sample;

#[test]
fn verifies_what_it_signed() {
    let bytes = sample::signed();
    let verification = sample::verify(bytes.clone());
    let package = verification.outcome.unwrap();
    let found: Vec<_> = package.entries().skip(1).map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    assert_eq!(found, sample::files());
    assert_eq!(package.module(), wat::parse_str(sample::COMMAND).unwrap());
    assert_eq!(package.publisher_key(), &sample::key().public());
    assert_eq!(package.manifest().publisher.verified_key_id.as_deref(), Some(sample::key().id().as_str()));
    assert_eq!(package.attestation().toolchain, sample::toolchain());
    assert!(verification.report.passed);
    assert_eq!(verification.report.signature, Some(SignatureOutcome::Valid { key_id: sample::key().id() }));
    assert_eq!(package.bytes(), bytes.as_slice());
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let mut files = sample::files();
    files.reverse();
    let other = mpp_host::package::pack(&sample::manifest(), files).unwrap();
    assert_eq!(other.bytes(), sample::unsigned().bytes());
    assert_eq!(sample::signed(), sample::signed());
}

#[test]
fn replaces_the_signature_of_a_development_key() {
    let development = SigningKey::from_seed(&[9; 32], KeyRole::Development);
    let draft = sign(sample::unsigned(), &development, &sample::toolchain()).unwrap();
    assert!(sample::verify(draft.clone()).outcome.is_ok());
    let (unsigned, toolchain) = unsign(&UnverifiedPackage::new(draft)).unwrap();
    let again = sign(unsigned, &sample::key(), &toolchain.unwrap()).unwrap();
    assert_eq!(again, sample::signed());

    let (unsigned, _) = unsign(&UnverifiedPackage::new(again)).unwrap();
    let other = SigningKey::from_seed(&[8; 32], KeyRole::Publisher);
    let error = sign(unsigned, &other, &sample::toolchain()).unwrap_err();
    assert!(matches!(error, SignError::OtherPublisher { .. }), "{error}");
}

#[test]
fn an_unsigned_package_is_a_valid_archive_but_refused() {
    let refusal = sample::verify(sample::unsigned().bytes()).outcome.unwrap_err();
    assert_eq!((refusal.code.id, refusal.step.number()), ("MPP-G501", 5));
    assert_eq!(refusal.signature_outcome.as_deref(), Some(&SignatureOutcome::Absent));
    let (unsigned, toolchain) = unsign(&UnverifiedPackage::new(sample::unsigned().bytes())).unwrap();
    assert_eq!(unsigned.bytes(), sample::unsigned().bytes());
    assert_eq!(toolchain, None);
}
