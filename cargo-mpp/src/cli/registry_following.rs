//! The arguments of `mpp registry monitor` and `mpp registry witness`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// `mpp registry monitor`.
#[derive(Debug, Args)]
pub(crate) struct RegistryMonitorArgs {
    /// Address of the registry
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Root key of the registry, as its operator publishes it
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
    /// Package to watch: an id, or a prefix followed by `.*`; can be repeated
    #[arg(long, value_name = "PATTERN", required = true)]
    pub(crate) package_id: Vec<String>,
    /// Also trust the certificates in this PEM file for connections to the registry
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// File in which the monitor remembers what it has read, so that it reports each change once
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Address to which each report with changes is sent as JSON
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,
    /// Keep watching, and check again after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) interval: Option<u64>,
}

/// `mpp registry witness`.
#[derive(Debug, Args)]
pub(crate) struct RegistryWitnessArgs {
    /// Permanent name of the witness: a host with an optional path
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Registry to cosign, by its address and its root key; its log key may be replaced; can be repeated
    #[arg(long, value_name = "URL=KEY", required_unless_present = "log")]
    pub(crate) registry: Vec<String>,
    /// Verifier key of any other log to cosign; can be repeated
    #[arg(long, value_name = "KEY")]
    pub(crate) log: Vec<String>,
    /// PEM file with certificates to trust for the registries, besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Directory with the key of the witness and the checkpoints that it has cosigned
    #[arg(long, value_name = "DIR", default_value = "witness")]
    pub(crate) dir: PathBuf,
    /// Address to listen on
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,
}
