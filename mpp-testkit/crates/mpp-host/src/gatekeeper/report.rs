//! The report of a verification: the result and duration of every step, and what a pass does not establish.

use serde::Serialize;

use super::{Refusal, Step, VerifiedPackage};
use crate::codes::Code;
use crate::package::ContentHash;
use crate::signature::{Countersignature, CountersignatureState, SignatureOutcome};

/// The report of one verification.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Whether all seven steps passed.
    pub passed: bool,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Reports of the seven steps, in order.
    pub steps: Vec<StepReport>,
    /// Hash of the stored bytes; `None` unless step 4 has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<ContentHash>,
    /// Outcome of the signature check; `None` if the verification says nothing about the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureOutcome>,
    /// Signatures other than the publisher's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countersignatures: Vec<Countersignature>,
    /// Statements, as human-readable clauses, that a passed verification does not establish.
    pub not_established: Vec<String>,
}

/// The report of one step.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StepReport {
    /// The step that this report is about.
    pub step: Step,
    /// Result of the step.
    pub result: StepResult,
    /// Code of the refusal, if the step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub code: Option<&'static Code>,
    /// Message of the refusal, if the step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Duration of the step in microseconds.
    #[serde(rename = "duration_us")]
    pub micros: u64,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// The step found nothing to refuse.
    Passed,
    /// The step refused the package.
    Failed,
    /// The step did not run, because an earlier step failed or the file was refused by its length alone.
    NotRun,
}

impl Report {
    pub(super) fn new(bytes: u64) -> Self {
        let step = |step| StepReport { step, result: StepResult::NotRun, code: None, message: None, micros: 0 };
        Self {
            passed: false,
            bytes,
            steps: Step::ALL.map(step).to_vec(),
            content_hash: None,
            signature: None,
            countersignatures: Vec::new(),
            not_established: Vec::new(),
        }
    }

    pub(super) fn record(&mut self, step: Step, micros: u64, refusal: Option<&Refusal>) {
        if let Some(report) = self.steps.iter_mut().find(|report| report.step == step) {
            report.result = if refusal.is_some() { StepResult::Failed } else { StepResult::Passed };
            report.code = refusal.map(|refusal| refusal.code);
            report.message = refusal.map(ToString::to_string);
            report.micros = micros;
        }
    }

    pub(super) fn conclude(&mut self, outcome: &Result<VerifiedPackage, Refusal>) {
        match outcome {
            Err(refusal) => self.signature = refusal.signature_outcome.as_deref().cloned(),
            Ok(package) => {
                self.passed = true;
                self.signature = Some(SignatureOutcome::Valid { key_id: package.key_id().clone() });
                self.countersignatures = package.countersignatures().to_vec();
                self.not_established = not_established(package);
            }
        }
    }

    /// Returns the total duration of all steps in microseconds.
    #[must_use]
    pub fn micros(&self) -> u64 {
        self.steps.iter().map(|step| step.micros).sum()
    }
}

fn not_established(package: &VerifiedPackage) -> Vec<String> {
    let mut sentences = vec![
        format!("that `{}` is someone you know: trust is decided separately", package.key_id()),
        "that the key was not revoked after the last refresh of the revocation list".to_owned(),
        "that the tool does what its description says; it can only do what its capabilities allow".to_owned(),
    ];
    if package.countersignatures().iter().any(|counter| counter.state == CountersignatureState::Unverified) {
        sentences.push("who made the countersignatures that are reported as unverified".to_owned());
    }
    sentences
}
