//! Results of cases as plain data.

use std::time::Duration;

use mpp_recording::{Difference, difference};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// The result of one case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CaseResult {
    /// Name of the case.
    pub name: String,
    /// Line of the case in its file.
    pub line: usize,
    /// Whether it passed.
    pub status: Status,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was not as expected; empty if it passed.
    pub mismatches: Vec<Mismatch>,
    /// The tool's log.
    pub log: String,
    /// Time that the case took; serialized in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    #[schemars(with = "u64")]
    pub duration: Duration,
}

/// Whether a case passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Everything was as expected.
    Passed,
    /// Something was not as expected.
    Failed,
    /// The case was not run.
    Skipped,
}

/// Something that was not as expected.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Mismatch {
    /// The part of the expectation, for example `result` or `kv`.
    pub subject: String,
    /// What differs, in words.
    pub message: String,
    /// Each place that differs, if the subject is data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

impl CaseResult {
    pub(crate) fn new(name: String, line: usize) -> Self {
        let (status, mismatches) = (Status::Passed, Vec::new());
        Self { name, line, status, reason: None, mismatches, log: String::new(), duration: Duration::ZERO }
    }
}

impl Mismatch {
    pub(crate) fn new(subject: &str, message: impl Into<String>) -> Self {
        Self { subject: subject.to_owned(), message: message.into(), differences: Vec::new() }
    }

    /// A mismatch of data; `None` without differences.
    pub(crate) fn of(subject: &str, headline: &str, differences: Vec<Difference>) -> Option<Self> {
        if differences.is_empty() {
            return None;
        }
        let message = format!("{headline}\n{}", difference::text(&differences));
        Some(Self { subject: subject.to_owned(), message, differences })
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
