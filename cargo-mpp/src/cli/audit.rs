//! The arguments of `mpp audit`.

use clap::{Args, Subcommand};

/// `mpp audit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp audit list --last 50\n  mpp audit show 17\n  mpp audit verify",
    arg_required_else_help = true
)]
pub(crate) struct AuditArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// The subcommands of `mpp audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List recorded calls, newest last
    #[command(
        after_help = "Examples:\n  mpp audit list\n  mpp audit list --package com.example.crm --since 24h\n  mpp audit list --outcome timeout --all"
    )]
    List(AuditListArgs),
    /// Show one recorded call
    #[command(after_help = "Examples:\n  mpp audit show 17\n  mpp audit show 9f86d081884c7d65-1")]
    Show(AuditShowArgs),
    /// Check that no record has been changed, added, moved or removed
    #[command(after_help = "Examples:\n  mpp audit verify\n  mpp audit verify --format json")]
    Verify,
}

/// `mpp audit list`.
#[derive(Debug, Args)]
pub(crate) struct AuditListArgs {
    /// Only calls of the package with this id
    #[arg(long, value_name = "ID")]
    pub(crate) package: Option<String>,
    /// Only calls since a time (UTC) or within a period: 2026-03-01, 2026-03-01T12:00:00Z, 30m, 24h, 7d
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only calls with this outcome: ok, is_error, interrupted, or the kind of an error such as timeout
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) outcome: Option<String>,
    /// Maximum number of calls to list
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) last: usize,
    /// List all matching calls
    #[arg(long, conflicts_with = "last")]
    pub(crate) all: bool,
}

/// `mpp audit show`.
#[derive(Debug, Args)]
pub(crate) struct AuditShowArgs {
    /// Number of the record, or id of the call
    #[arg(value_name = "N|ID")]
    pub(crate) record: String,
}
