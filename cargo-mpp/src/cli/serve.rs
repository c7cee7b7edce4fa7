//! The arguments of `mpp serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::SelectArgs;

/// `mpp serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp serve contacts-1.0.0.mpp\n  mpp serve . notes-1.2.0.mpp --dir /data=./data --env CRM_API_KEY\n  mpp serve contacts-1.0.0.mpp --http 127.0.0.1:8080"
)]
pub(crate) struct ServeArgs {
    /// Package files, or project directories, which are built first if they have changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) targets: Vec<PathBuf>,
    /// Value of a declared environment variable [default: its value here]; `-` passes no variables
    #[arg(long, value_name = "NAME[=VALUE]|-", allow_hyphen_values = true)]
    pub(crate) env: Vec<String>,
    /// Map a path that the packages declare to a directory or file on this machine
    #[arg(long, value_name = "GUEST=HOST")]
    pub(crate) dir: Vec<String>,
    /// Allow declared hosts to resolve to this machine or its local network
    #[arg(long)]
    pub(crate) allow_local: bool,
    /// Also trust the certificates in this PEM file for the tools' requests
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Serve over streamable HTTP at this address, instead of stdin and stdout
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) http: Option<SocketAddr>,
    /// File with the bearer token that HTTP requests must carry [default: the variable MPP_SERVE_TOKEN]
    #[arg(long, value_name = "FILE", requires = "http")]
    pub(crate) token_file: Option<PathBuf>,
    /// Further host name under which HTTP clients reach this server
    #[arg(long, value_name = "HOST", requires = "http")]
    pub(crate) allow_host: Vec<String>,
    /// Origin of a web page that may call this server
    #[arg(long, value_name = "SCHEME://HOST:PORT", requires = "http")]
    pub(crate) allow_origin: Vec<String>,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}
