//! The arguments of `mpp registry rotate-log-key` and `mpp registry sign-description`.

use std::path::PathBuf;

use clap::Args;

use super::RegistryPlaceArgs;

/// `mpp registry rotate-log-key`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp registry rotate-log-key --dir registry --request request.json\n  mpp registry sign-description request.json --root-key root.key -o signed.json\n  \
                  mpp registry rotate-log-key --dir registry --signed signed.json\n  mpp registry rotate-log-key --dir registry --root-key /media/key/root.key"
)]
pub(crate) struct RegistryRotateArgs {
    /// Where the registry is.
    #[command(flatten)]
    pub(crate) place: RegistryPlaceArgs,
    /// Create the next log key, and write to this file the description that the root key has to sign
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signed", "root_key"])]
    pub(crate) request: Option<PathBuf>,
    /// Replace the log key, with this description that `mpp registry sign-description` signed; stop the server first
    #[arg(long, value_name = "FILE", conflicts_with = "root_key")]
    pub(crate) signed: Option<PathBuf>,
    /// Do both steps at once with this root key; stop the server first [default: DIR/keys/root.key]
    #[arg(long, value_name = "FILE")]
    pub(crate) root_key: Option<PathBuf>,
}

/// `mpp registry sign-description`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp registry sign-description request.json --root-key root.key -o signed.json")]
pub(crate) struct RegistrySignArgs {
    /// Description to sign, as `mpp registry rotate-log-key --request` wrote it
    #[arg(value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// Root key of the registry
    #[arg(long, value_name = "FILE")]
    pub(crate) root_key: PathBuf,
    /// File for the signed description
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}
