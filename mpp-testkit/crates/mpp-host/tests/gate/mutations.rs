//! A valid package and every way to break it. Each mutation is refused with exactly one code.

use std::collections::BTreeSet;
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::codes;
use mpp_host::gatekeeper::{Gatekeeper, StepResult};
use mpp_host::package::tamper::{Kit, RawArchive, RawEntry, Tampered};
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::signature::{Change, SignatureOutcome};

use crate::sample;

fn valid() -> RawArchive {
    RawArchive::read(sample::signed().as_slice()).unwrap()
}

/// The mutations of this sample. The kit's own sample is tested as well.
fn kit() -> Kit {
    Kit::new(sample::signed().as_slice(), sample::key()).unwrap()
}

#[test]
fn the_unchanged_package_passes() {
    assert_eq!(valid().to_bytes(), sample::signed().as_slice());
    let mut archive = valid();
    archive.sign(&sample::key(), |_| {});
    for bytes in [valid().to_bytes(), archive.to_bytes(), kit().valid(), Kit::sample().valid()] {
        let verification = sample::verify(bytes);
        assert!(verification.outcome.is_ok(), "{:?}", verification.outcome);
    }
}

#[test]
fn every_mutation_is_refused_with_its_code_and_every_code_has_a_mutation() {
    let mut failures = Vec::new();
    let mut produced = BTreeSet::new();
    let mut count = 0;
    for case in kit().every() {
        produced.insert(case.code);
        failures.extend(check(&sample::gatekeeper(), case));
        count += 1;
    }
    assert!(count >= 150, "{count} mutations");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    let known: BTreeSet<&str> = codes::all().map(|code| code.id).filter(|id| id.starts_with("MPP-G")).collect();
    assert_eq!(produced, known);
}

/// Returns what is wrong if the host does not refuse a package as expected.
fn check(gatekeeper: &Gatekeeper, case: Tampered) -> Option<String> {
    let gatekeeper = gatekeeper.clone().with_registry_keys(case.registry_key);
    let verification = gatekeeper.verify(UnverifiedPackage::new(case.bytes));
    let found = verification.outcome.as_ref().err();
    if found.is_none_or(|refusal| refusal.code != case.code) {
        return Some(format!("{}: expected {}, found {found:?}", case.name, case.code));
    }
    let refusal = verification.outcome.unwrap_err();
    assert_eq!(case.code.as_bytes()[5] - b'0', refusal.step.number(), "{}", case.name);
    assert!(!refusal.help.is_empty() && !refusal.message.is_empty(), "{}", case.name);
    assert!(!refusal.message.ends_with('.'), "{}: {}", case.name, refusal.message);
    let results: Vec<StepResult> = verification.report.steps.iter().map(|step| step.result).collect();
    let failed = usize::from(refusal.step.number()) - 1;
    // A file that is too long is not read at all.
    let before = if case.code == "MPP-G201" { StepResult::NotRun } else { StepResult::Passed };
    assert!(results[..failed].iter().all(|result| *result == before), "{}", case.name);
    assert_eq!(results[failed], StepResult::Failed, "{}", case.name);
    assert!(results[failed + 1..].iter().all(|result| *result == StepResult::NotRun), "{}", case.name);
    None
}

type Lower = fn(&mut Limits);

#[test]
fn lower_limits_are_enforced_with_the_same_codes() {
    let cases: [(&str, Lower); 6] = [
        ("MPP-G201", |limits| limits.archive = 100),
        ("MPP-G202", |limits| limits.entries = 4),
        ("MPP-G203", |limits| limits.entry = 1_000),
        ("MPP-G204", |limits| limits.unpacked = 1_500),
        ("MPP-G205", |limits| limits.manifest = 100),
        ("MPP-G206", |limits| limits.signature = 100),
    ];
    for (code, lower) in cases {
        let mut limits = Limits::default();
        lower(&mut limits);
        let gatekeeper = Gatekeeper::new(limits, Arc::new(SystemClock::new()));
        let refusal = gatekeeper.verify(UnverifiedPackage::new(valid().to_bytes())).outcome.unwrap_err();
        assert_eq!(refusal.code, code, "{refusal}");
    }
}

#[test]
fn an_oversized_file_is_refused_by_its_length_alone() {
    let gatekeeper = sample::gatekeeper();
    let verification = gatekeeper.refuse_by_length(200_000_000).unwrap();
    assert_eq!(verification.outcome.unwrap_err().code, "MPP-G201");
    assert!(gatekeeper.refuse_by_length(Limits::default().archive).is_none());
    // So are bytes in memory, whether they are an archive or not.
    let verification = sample::verify(vec![0; 200_000_000]);
    assert_eq!(verification.report.steps[0].result, StepResult::NotRun);
    assert_eq!(verification.outcome.unwrap_err().code, "MPP-G201");
}

#[test]
fn names_added_removed_and_changed_entries() {
    let mut archive = valid();
    archive.entries.remove(1);
    archive.entries.insert(3, RawEntry::stored("z", b"x"));
    archive.entry("bin/main.wasm").data[8] ^= 1;
    let refusal = sample::verify(archive.to_bytes()).outcome.unwrap_err();
    let Some(SignatureOutcome::ContentChanged { changes }) = refusal.signature_outcome.as_deref() else {
        panic!("{:?}", refusal.signature_outcome);
    };
    let changes: Vec<_> = changes.iter().map(|change| (change.entry.as_str(), change.change)).collect();
    assert_eq!(changes, [("bin/main.wasm", Change::Changed), ("z", Change::Added), ("README.md", Change::Removed)]);
    assert_eq!(refusal.entry.as_deref(), Some("bin/main.wasm"));
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
