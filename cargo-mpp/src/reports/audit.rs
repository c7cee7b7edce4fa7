//! Results of `mpp audit`.

use mpp_host::audit::{AuditReport, Listed};
use serde::Serialize;

/// Recorded calls.
#[derive(Debug, Serialize)]
pub(crate) struct AuditList {
    /// The records, newest last.
    pub(crate) records: Vec<Listed>,
    /// Number of matching records before these.
    pub(crate) earlier: u64,
}

/// One recorded call.
#[derive(Debug, Serialize)]
pub(crate) struct AuditRecord {
    /// The record.
    #[serde(flatten)]
    pub(crate) record: Listed,
}

/// The verification of the audit log.
#[derive(Debug, Serialize)]
pub(crate) struct AuditVerified {
    /// Directory of the log.
    pub(crate) path: String,
    /// Whether the log is unchanged.
    pub(crate) whole: bool,
    /// The findings; empty if there is no log yet.
    #[serde(flatten)]
    pub(crate) report: AuditReport,
}
