//! The options that give packages what they declare, the same for every command that runs packages.

use std::path::PathBuf;

use clap::Args;

/// What packages are given.
#[derive(Debug, Clone, Args)]
pub(crate) struct GrantArgs {
    /// Value of a declared environment variable [default: its value in the environment]; `-` passes no variables
    #[arg(long, value_name = "NAME[=VALUE]|-", allow_hyphen_values = true)]
    pub(crate) env: Vec<String>,
    /// Map a declared path to a directory or file on this machine
    #[arg(long, value_name = "GUEST=HOST")]
    pub(crate) dir: Vec<String>,
    /// Allow declared hosts to resolve to this machine or its local network
    #[arg(long)]
    pub(crate) allow_local: bool,
    /// Also trust the certificates in this PEM file for requests of tools
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
}
