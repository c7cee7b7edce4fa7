//! The arguments of `mpp keygen` and `mpp sign`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{KeyClaimArgs, KeyDelegateArgs, KeyRevokeArgs, KeyRotateArgs};

/// `mpp keygen`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp keygen\n  mpp keygen -o release-keys --passphrase")]
pub(crate) struct KeygenArgs {
    /// Directory to write the key pair to [default: ~/.mpp/keys]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Base name of the two files, NAME.key and NAME.pub
    #[arg(long, default_value = "publisher", value_name = "NAME")]
    pub(crate) name: String,
    /// Encrypt the private key with a passphrase, read from the terminal or from MPP_KEY_PASSPHRASE
    #[arg(long)]
    pub(crate) passphrase: bool,
}

/// `mpp key`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp key list\n  mpp key move --from dev_258f6b561dfa1a43 --to pub_e857528ce7666f03\n  mpp key delegate com.example.notes -o ci-key",
    arg_required_else_help = true
)]
pub(crate) struct KeyArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

/// The subcommands of `mpp key`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List your keys, and the state, approvals and recorded calls of each
    #[command(after_help = "Examples:\n  mpp key list\n  mpp key list --format json")]
    List,
    /// Move state, approvals and recorded calls from one of your keys to another
    #[command(after_help = "Examples:\n  mpp key move --from dev_258f6b561dfa1a43 --to pub_e857528ce7666f03")]
    Move(KeyMoveArgs),
    /// Let another key publish some of your packages for a limited time, for example from CI
    #[command(
        after_help = "Examples:\n  mpp key delegate com.example.notes -o ci-key\n  mpp key delegate com.example.notes com.example.crm --to ci.pub --days 30"
    )]
    Delegate(KeyDelegateArgs),
    /// Prove to a registry that a domain is yours, to publish package ids that begin with it
    #[command(after_help = "Examples:\n  mpp key claim example.com --show\n  mpp key claim example.com")]
    Claim(KeyClaimArgs),
    /// Replace your key with a new one at a registry
    #[command(after_help = "Examples:\n  mpp key rotate new-keys/publisher.pub")]
    Rotate(KeyRotateArgs),
    /// Revoke a key at a registry, from now on or from an earlier entry of its log
    #[command(
        after_help = "Examples:\n  mpp key revoke lost.pub\n  mpp key revoke stolen.pub --from-leaf 1042 -k other-owner.key"
    )]
    Revoke(KeyRevokeArgs),
}

/// `mpp key move`.
#[derive(Debug, Args)]
pub(crate) struct KeyMoveArgs {
    /// Id of the key that signed until now
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) from: String,
    /// Id of the key that signs from now on
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) to: String,
}

/// `mpp sign`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp sign target/mpp/my-tool-0.1.0.dev.mpp\n  mpp sign my-tool-0.1.0.dev.mpp -k release-keys/publisher.key"
)]
pub(crate) struct SignArgs {
    /// Package to sign, for example `target/mpp/my-tool-0.1.0.dev.mpp`
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
    /// Private key to sign with [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// File to write the signed package to [default: X.mpp for X.dev.mpp, otherwise PKG itself]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
