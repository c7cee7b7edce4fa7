//! The results of `mpp test` and `mpp conformance`.

use mpp_cases::conformance::{Conformity, Requirement};
use mpp_cases::{CaseResult, Change, Status};
use schemars::JsonSchema;
use serde::Serialize;

/// The results of test cases.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tests {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// The files of cases.
    pub(crate) files: Vec<TestedFile>,
    /// Number of cases by their outcome.
    pub(crate) counts: Counts,
}

/// The results of the cases of one file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TestedFile {
    /// Path of the file.
    pub(crate) path: String,
    /// The cases that were selected, in the order of the file.
    pub(crate) cases: Vec<CaseResult>,
    /// What `--update` changed in the file.
    pub(crate) changes: Vec<Change>,
}

/// Number of cases by their outcome.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Counts {
    /// Cases that passed.
    pub(crate) passed: usize,
    /// Cases that failed.
    pub(crate) failed: usize,
    /// Cases that were skipped.
    pub(crate) skipped: usize,
}

impl Counts {
    /// Counts the cases of these files.
    pub(crate) fn of(files: &[TestedFile]) -> Self {
        let mut counts = Self::default();
        for case in files.iter().flat_map(|file| &file.cases) {
            match case.status {
                Status::Passed => counts.passed += 1,
                Status::Skipped => counts.skipped += 1,
                _ => counts.failed += 1,
            }
        }
        counts
    }
}

impl Tests {
    /// All cases.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &CaseResult> {
        self.files.iter().flat_map(|file| &file.cases)
    }
}

/// The requirements of the wire protocol, and whether a package meets them.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConformanceReport {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// The requirements, in the order in which they were checked.
    pub(crate) requirements: Vec<Requirement>,
    /// Number of requirements by their outcome.
    pub(crate) counts: ConformanceCounts,
}

/// Number of requirements by their outcome.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct ConformanceCounts {
    /// Requirements that the package meets.
    pub(crate) met: usize,
    /// Requirements that it does not meet.
    pub(crate) not_met: usize,
    /// Requirements that could not be checked.
    pub(crate) not_checked: usize,
}

impl ConformanceCounts {
    /// Counts requirements.
    pub(crate) fn of(requirements: &[Requirement]) -> Self {
        let count = |wanted| requirements.iter().filter(|one| one.conformity == wanted).count();
        let (met, not_checked) = (count(Conformity::Met), count(Conformity::NotChecked));
        Self { met, not_met: requirements.len() - met - not_checked, not_checked }
    }
}
