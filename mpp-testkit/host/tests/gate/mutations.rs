//! One valid package and a table of mutations, each refused with exactly one code.

mod content;
mod limits;
mod manifest;
mod module;
mod names;
mod signature;
mod structure;

use std::collections::BTreeSet;

use mpp_host::codes;
use mpp_host::gatekeeper::{Gatekeeper, StepResult};
use mpp_host::package::UnverifiedPackage;
use mpp_host::package::tamper::RawArchive;
use serde_json::Value;

use super::sample;

/// A package that must be refused.
pub(crate) struct Case {
    name: &'static str,
    code: &'static str,
    bytes: Vec<u8>,
    gatekeeper: Gatekeeper,
}

/// A case from bytes.
pub(crate) fn bytes(code: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case { name, code, bytes: bytes.into(), gatekeeper: sample::gatekeeper() }
}

/// The valid package's archive, changed, the signature left as it was.
pub(crate) fn raw(code: &'static str, name: &'static str, change: impl FnOnce(&mut RawArchive)) -> Case {
    let mut archive = valid();
    change(&mut archive);
    bytes(code, name, archive.to_bytes())
}

/// The valid package's archive, changed and then signed by its publisher.
pub(crate) fn signed(code: &'static str, name: &'static str, change: impl FnOnce(&mut RawArchive)) -> Case {
    let mut archive = valid();
    change(&mut archive);
    archive.sign(&sample::key(), |_| {});
    bytes(code, name, archive.to_bytes())
}

/// The valid package under a changed statement, signed by its publisher.
pub(crate) fn stated(code: &'static str, name: &'static str, change: impl FnOnce(&mut Value)) -> Case {
    let mut archive = valid();
    archive.sign(&sample::key(), change);
    bytes(code, name, archive.to_bytes())
}

pub(crate) fn valid() -> RawArchive {
    RawArchive::read(sample::signed().as_slice()).unwrap()
}

fn table() -> Vec<Case> {
    let parts = [
        structure::cases(),
        limits::cases(),
        names::cases(),
        content::cases(),
        signature::cases(),
        manifest::cases(),
        module::cases(),
    ];
    parts.into_iter().flatten().collect()
}

#[test]
fn the_unchanged_package_passes() {
    assert_eq!(valid().to_bytes(), sample::signed().as_slice());
    let mut archive = valid();
    archive.sign(&sample::key(), |_| {});
    for bytes in [valid().to_bytes(), archive.to_bytes()] {
        let verification = sample::verify(bytes);
        assert!(verification.outcome.is_ok(), "{:?}", verification.outcome);
    }
}

#[test]
fn every_mutation_is_refused_with_its_code() {
    let cases = table();
    assert!(cases.len() >= 60, "{} mutations", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        let verification = case.gatekeeper.verify(UnverifiedPackage::new(case.bytes));
        let found = verification.outcome.as_ref().err();
        if found.is_none_or(|refusal| refusal.code != case.code) {
            failures.push(format!("{}: expected {}, found {found:?}", case.name, case.code));
            continue;
        }
        let refusal = verification.outcome.unwrap_err();
        assert_eq!(case.code.as_bytes()[5] - b'0', refusal.step.number(), "{}", case.name);
        assert!(!refusal.help.is_empty() && !refusal.message.is_empty(), "{}", case.name);
        assert!(!refusal.message.ends_with('.'), "{}: {}", case.name, refusal.message);
        let results: Vec<StepResult> = verification.report.steps.iter().map(|step| step.result).collect();
        let failed = usize::from(refusal.step.number()) - 1;
        assert!(results[..failed].iter().all(|result| *result == StepResult::Passed), "{}", case.name);
        assert_eq!(results[failed], StepResult::Failed, "{}", case.name);
        assert!(results[failed + 1..].iter().all(|result| *result == StepResult::NotRun), "{}", case.name);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_code_of_the_gatekeeper_has_a_mutation() {
    let produced: BTreeSet<&str> = table().iter().map(|case| case.code).collect();
    let known: BTreeSet<&str> = codes::all().map(|code| code.id).filter(|id| id.starts_with("MPP-G")).collect();
    assert_eq!(produced, known);
}

#[test]
fn every_flipped_byte_is_refused() {
    let valid = sample::signed().as_slice().to_vec();
    let gatekeeper = sample::gatekeeper();
    for at in 0..valid.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut bytes = valid.clone();
            bytes[at] ^= flip;
            let outcome = gatekeeper.verify(UnverifiedPackage::new(bytes)).outcome;
            assert!(outcome.is_err(), "byte {at} of {} flipped by {flip:#x}", valid.len());
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    let valid = sample::signed().as_slice().to_vec();
    for length in 0..valid.len() {
        let refusal = sample::verify(&valid[..length]).outcome.unwrap_err();
        assert_eq!(refusal.step.number(), 1, "cut to {length}: {refusal}");
    }
}
