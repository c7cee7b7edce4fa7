//! The arguments of the commands that examine a package: `mpp verify`, `inspect`, `caps` and `lint`.

use std::path::PathBuf;

use clap::Args;

use super::SelectArgs;
use crate::linting::Rule;

/// `mpp verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp verify my-tool-0.1.0.mpp\n  mpp verify my-tool-0.1.0.mpp --require-trust\n  \
                  mpp verify my-tool-0.1.0.mpp --publisher-key publisher.pub")]
pub(crate) struct VerifyArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Fail unless the package is signed by a trusted publisher or by one of your own keys
    #[arg(long)]
    pub(crate) require_trust: bool,
    /// Fail unless the package is signed by this public key
    #[arg(long, value_name = "FILE")]
    pub(crate) publisher_key: Option<PathBuf>,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp inspect my-tool-0.1.0.mpp\n  mpp inspect my-tool-0.1.0.mpp --format json")]
pub(crate) struct InspectArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp caps`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp caps crm-1.0.0.mpp\n  mpp caps . --suggest\n  mpp caps . --check")]
pub(crate) struct CapsArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Print the smallest sufficient declaration, as TOML for Cargo.toml (with --format json, for manifest.json)
    #[arg(long, conflicts_with = "check")]
    pub(crate) suggest: bool,
    /// Fail if a capability is declared but not used, or used but not declared
    #[arg(long)]
    pub(crate) check: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp lint`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp lint crm-1.0.0.mpp\n  mpp lint . --deny --allow unbounded")]
pub(crate) struct LintArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Fail if there are any findings
    #[arg(long)]
    pub(crate) deny: bool,
    /// Ignore findings of this rule; can be repeated
    #[arg(long, value_name = "RULE", value_enum, hide_possible_values = true)]
    pub(crate) allow: Vec<Rule>,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}
