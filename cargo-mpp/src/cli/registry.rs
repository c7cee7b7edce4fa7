//! The arguments of `mpp registry`.

#[cfg(feature = "registry-server")]
use std::net::SocketAddr;
#[cfg(feature = "registry-server")]
use std::path::PathBuf;

#[cfg(feature = "registry-server")]
use clap::ValueEnum;
use clap::{Args, Subcommand};

use super::{
    RegistryAddArgs, RegistryApproveArgs, RegistryEraseArgs, RegistryRemoveArgs, RegistryTakedownArgs,
    RegistryTransferArgs,
};

#[cfg(feature = "registry-server")]
use super::{RegistryMonitorArgs, RegistryRotateArgs, RegistrySignArgs, RegistryWitnessArgs};

/// `mpp registry`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp registry add https://tools.example.com\n  mpp registry serve --dir registry\n  mpp registry init --origin tools.example.com/log --dir registry\n  \
                  mpp registry check --dir registry",
    arg_required_else_help = true
)]
pub(crate) struct RegistryArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: RegistryCommand,
}

/// The subcommands of `mpp registry`.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Pin a registry and add it to the configuration
    Add(RegistryAddArgs),
    /// List the configured registries
    #[command(after_help = "Examples:\n  mpp registry list\n  mpp registry list --format json")]
    List,
    /// Remove a registry from the configuration
    #[command(
        after_help = "Examples:\n  mpp registry remove tools\n  mpp registry remove tools --keep-packages\n  mpp registry remove tools --forget"
    )]
    Remove(RegistryRemoveArgs),
    /// Create the keys of a new registry
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry init --origin tools.example.com/log\n  mpp registry init --origin tools.example.com/log --dir registry --url https://tools.example.com"
    )]
    Init(RegistryInitArgs),
    /// Run a registry
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry serve\n  mpp registry serve --dir registry --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem \\\n      --url https://tools.example.com\n  mpp registry serve --dir registry --store s3://packages/registry --listen 127.0.0.1:8080"
    )]
    Serve(RegistryServeArgs),
    /// Check everything that a registry has stored
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry check --dir registry\n  mpp registry check --dir registry --format json"
    )]
    Check(RegistryPlaceArgs),
    /// Rewrite all files that are derived from a registry's log
    #[cfg(feature = "registry-server")]
    #[command(after_help = "Examples:\n  mpp registry rebuild --dir registry")]
    Rebuild(RegistryPlaceArgs),
    /// Replace the log key of a registry with a new one, which the root key signs
    #[cfg(feature = "registry-server")]
    RotateLogKey(RegistryRotateArgs),
    /// Sign a registry's description, on the machine that holds its root key
    #[cfg(feature = "registry-server")]
    SignDescription(RegistrySignArgs),
    /// Approve a waiting publisher or package id, as an operator
    #[command(
        after_help = "Examples:\n  mpp registry approve --publisher ada.pub\n  mpp registry approve --package-id com.example.n0tes -k operator.key"
    )]
    Approve(RegistryApproveArgs),
    /// Give a package to another key, as an operator
    #[command(after_help = "Examples:\n  mpp registry transfer com.example.notes ada.pub -k operator.key")]
    Transfer(RegistryTransferArgs),
    /// Erase a published version and never accept its number again, as an operator
    #[command(
        after_help = "Examples:\n  mpp registry takedown com.example.notes@1.2.0 --reason malware\n  mpp registry takedown com.example.notes@1.2.0 --reason legal -k operator.key \\\n      --note 'Court order of 3 March'"
    )]
    Takedown(RegistryTakedownArgs),
    /// Erase the name and addresses of a publisher, as an operator
    #[command(after_help = "Examples:\n  mpp registry erase-profile ada.pub --reason personal-data")]
    EraseProfile(RegistryEraseArgs),
    /// Copy a registry, or bring a copy up to date
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry copy https://tools.example.com /srv/www/registry\n  mpp registry copy registry/store s3://backup/registry --commits"
    )]
    Copy(RegistryCopyArgs),
    /// Follow a registry's log and report changes to chosen packages
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry monitor https://tools.example.com --key KEY --package-id 'com.example.*' \\\n      --state monitor.json\n  mpp registry monitor https://tools.example.com --key KEY --package-id com.example.crm \\\n      --interval 60 --webhook https://ci.example.com/hook"
    )]
    Monitor(RegistryMonitorArgs),
    /// Run a witness, which cosigns the checkpoints of logs as long as they only grow
    #[cfg(feature = "registry-server")]
    #[command(
        after_help = "Examples:\n  mpp registry witness --name witness.example.org/w1 --registry https://tools.example.com=KEY --listen 127.0.0.1:7070"
    )]
    Witness(RegistryWitnessArgs),
}

/// Where a registry is.
#[cfg(feature = "registry-server")]
#[derive(Debug, Args)]
pub(crate) struct RegistryPlaceArgs {
    /// Directory of the registry, with its keys and, unless `--store` names another place, everything that it serves
    #[arg(long, value_name = "DIR", default_value = "registry")]
    pub(crate) dir: PathBuf,
    /// Object store (`s3://BUCKET/PREFIX`) or directory with everything that the registry serves [default: DIR/store]
    #[arg(long, value_name = "STORE")]
    pub(crate) store: Option<String>,
}

/// `mpp registry init`.
#[cfg(feature = "registry-server")]
#[derive(Debug, Args)]
pub(crate) struct RegistryInitArgs {
    /// Permanent name of the registry: a host with an optional path
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: String,
    /// Directory of the registry
    #[arg(long, value_name = "DIR", default_value = "registry")]
    pub(crate) dir: PathBuf,
    /// Address at which clients reach the registry; can be repeated for mirrors
    #[arg(long, value_name = "URL")]
    pub(crate) url: Vec<String>,
}

/// `mpp registry serve`.
#[cfg(feature = "registry-server")]
#[derive(Debug, Args)]
pub(crate) struct RegistryServeArgs {
    /// Where the registry is.
    #[command(flatten)]
    pub(crate) place: RegistryPlaceArgs,
    /// Address to listen on
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Address at which clients reach the registry [default: the address that it listens on]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Name of a new registry [default: the host of the address]
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,
    /// PEM file with the certificates of the server
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// PEM file with the private key of the server
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Policy of the server [default: DIR/policy.toml if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Witness that cosigns checkpoints: its address and its verifier key; can be repeated
    #[arg(long, value_name = "URL=KEY")]
    pub(crate) witness: Vec<String>,
    /// Registry of which this server is a mirror
    #[arg(long, value_name = "URL", requires = "key", conflicts_with_all = ["origin", "policy", "witness", "url"])]
    pub(crate) upstream: Option<String>,
    /// Root key of the registry that is mirrored
    #[arg(long, value_name = "KEY", requires = "upstream")]
    pub(crate) key: Option<String>,
    /// Also trust the certificates in this PEM file for connections to the registry that is mirrored
    #[arg(long, value_name = "FILE", requires = "upstream")]
    pub(crate) ca: Option<PathBuf>,
    /// Format of the server's log on stderr
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// The format of the log of a server.
#[cfg(feature = "registry-server")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    // For people.
    Text,
    // One JSON object a line.
    Json,
}

/// `mpp registry copy`.
#[cfg(feature = "registry-server")]
#[derive(Debug, Args)]
pub(crate) struct RegistryCopyArgs {
    /// Store of the registry (a directory such as `registry/store`, or `s3://BUCKET/PREFIX`), or its address
    #[arg(value_name = "SRC")]
    pub(crate) source: String,
    /// Directory or `s3://BUCKET/PREFIX` to copy to
    #[arg(value_name = "DST")]
    pub(crate) destination: String,
    /// Also copy the commit objects, which a backup needs and a public copy does not
    #[arg(long)]
    pub(crate) commits: bool,
    /// Root key that the registry must have, as `mpp registry init` prints it
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Also trust the certificates in this PEM file for connections to the source
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}
