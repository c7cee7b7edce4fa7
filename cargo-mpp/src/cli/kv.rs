//! The arguments of `mpp kv`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `mpp kv`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp kv list\n  mpp kv list com.example.notes\n  mpp kv get com.example.notes note/0000000001\n  \
                  mpp kv export notes-1.0.0.mpp -o notes.json\n  mpp kv clear com.example.notes",
    arg_required_else_help = true
)]
pub(crate) struct KvArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: KvCommand,
}

/// The subcommands of `mpp kv`.
#[derive(Debug, Subcommand)]
pub(crate) enum KvCommand {
    /// List the packages that have stored state, or the keys of one package
    #[command(
        after_help = "Examples:\n  mpp kv list\n  mpp kv list com.example.notes --prefix note/\n  mpp kv list notes-1.0.0.mpp --format json"
    )]
    List(KvListArgs),
    /// Print one value unchanged
    #[command(
        after_help = "Examples:\n  mpp kv get com.example.notes last_id\n  mpp kv get com.example.notes 00ff --hex > value.bin"
    )]
    Get(KvGetArgs),
    /// Export keys and values as one JSON document
    #[command(
        after_help = "Examples:\n  mpp kv export com.example.notes > notes.json\n  mpp kv export notes-1.0.0.mpp -o notes.json"
    )]
    Export(KvExportArgs),
    /// Delete everything that a package has stored
    #[command(after_help = "Examples:\n  mpp kv clear com.example.notes\n  mpp kv clear notes-1.0.0.mpp --yes")]
    Clear(KvClearArgs),
}

/// The package whose state a command works on.
#[derive(Debug, Args)]
pub(crate) struct KvPackageArgs {
    /// Package file, or id of a package that has stored state
    #[arg(value_name = "PKG|ID")]
    pub(crate) package: String,
    /// Key id of the publisher, if several publishers use the same package id
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) publisher: Option<String>,
}

/// `mpp kv list`.
#[derive(Debug, Args)]
pub(crate) struct KvListArgs {
    /// Package file, or id of a package; if omitted, all packages are listed
    #[arg(value_name = "PKG|ID")]
    pub(crate) package: Option<String>,
    /// Key id of the publisher, if several publishers use the same package id
    #[arg(long, value_name = "KEY-ID", requires = "package")]
    pub(crate) publisher: Option<String>,
    /// Only keys that start with this text
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, requires = "package")]
    pub(crate) prefix: String,
}

/// `mpp kv get`.
#[derive(Debug, Args)]
pub(crate) struct KvGetArgs {
    /// The package.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// Key to look up
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Read KEY as hexadecimal bytes, for keys that are not text
    #[arg(long)]
    pub(crate) hex: bool,
}

/// `mpp kv export`.
#[derive(Debug, Args)]
pub(crate) struct KvExportArgs {
    /// The package.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// Only keys that start with this text
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) prefix: String,
    /// File to write to [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `mpp kv clear`.
#[derive(Debug, Args)]
pub(crate) struct KvClearArgs {
    /// The package.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// Delete without asking for confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
}
