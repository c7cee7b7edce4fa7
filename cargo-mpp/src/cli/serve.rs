//! The arguments of `mpp serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use mpp_mcp::clients::Client;

use super::{GrantArgs, SelectArgs};

/// `mpp serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp serve contacts-1.0.0.mpp\n  mpp serve . notes-1.2.0.mpp --dir /data=./data --env CRM_API_KEY\n  mpp serve contacts-1.0.0.mpp --http 127.0.0.1:8080\n  mpp serve contacts-1.0.0.mpp --install claude-desktop\n  mpp serve --config agent.toml"
)]
pub(crate) struct ServeArgs {
    /// Package files, or project directories, which are built first if they have changed [default: the current directory]
    #[arg(value_name = "PKG|DIR")]
    pub(crate) targets: Vec<PathBuf>,
    /// Also serve the packages and the MCP servers of this configuration (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What the packages are given.
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    /// Accept the package with exactly this content hash, whoever published it; can be repeated
    #[arg(long, value_name = "HASH")]
    pub(crate) accept_content: Vec<String>,
    /// Serve over streamable HTTP at this address, instead of stdin and stdout
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) http: Option<SocketAddr>,
    /// File with the bearer token that HTTP requests must carry [default: the variable MPP_SERVE_TOKEN]
    #[arg(long, value_name = "FILE", requires = "http")]
    pub(crate) token_file: Option<PathBuf>,
    /// Further host name under which HTTP clients reach this server; can be repeated
    #[arg(long, value_name = "HOST", requires = "http")]
    pub(crate) allow_host: Vec<String>,
    /// Origin of a web page that may call this server; can be repeated
    #[arg(long, value_name = "SCHEME://HOST:PORT", requires = "http")]
    pub(crate) allow_origin: Vec<String>,
    /// Print the configuration with which an MCP client starts this server
    #[arg(long, value_name = "CLIENT", conflicts_with = "http", group = "client", value_parser = client_ids())]
    pub(crate) print_client_config: Option<String>,
    /// Add this server to the configuration of an MCP client: shows the change, asks, and keeps a backup
    #[arg(long, value_name = "CLIENT", conflicts_with = "http", group = "client", value_parser = client_ids())]
    pub(crate) install: Option<String>,
    /// Name of the server in the client [default: the name of the package]
    #[arg(long, value_name = "NAME", requires = "client", value_parser = server_name)]
    pub(crate) name: Option<String>,
    /// Change the client's configuration without asking
    #[arg(long, requires = "install")]
    pub(crate) yes: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

fn client_ids() -> PossibleValuesParser {
    PossibleValuesParser::new(Client::all().map(|client| client.id))
}

/// Reads the name of a server, which a client shows.
fn server_name(text: &str) -> Result<String, &'static str> {
    let is_shown = !text.trim().is_empty() && !text.contains(mpp_host::text::is_dangerous);
    if is_shown {
        Ok(text.to_owned())
    } else {
        Err("a name has at least one visible character, and none that is hidden")
    }
}

impl ServeArgs {
    /// Returns the packages and projects to serve: the current directory, if neither they nor a configuration are given.
    pub(crate) fn targets(&self) -> Vec<PathBuf> {
        if self.targets.is_empty() && self.config.is_none() { vec![PathBuf::from(".")] } else { self.targets.clone() }
    }
}
