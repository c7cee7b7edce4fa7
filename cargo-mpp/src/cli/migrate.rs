//! The arguments of the commands that move a server from MCP: `mpp capture`, `inventory` and `replay`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{GrantArgs, SelectArgs};

/// `mpp capture`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp capture -o time.capture -- uvx mcp-server-time\n  mpp capture -o time.capture --calls calls.jsonl -- uvx mcp-server-time\n  \
                  mpp capture -o crm.capture --redact --observe --record-http -- node crm-server.js\n  mpp capture -o crm.capture --http https://mcp.example.com/mcp --listen 127.0.0.1:4100\n\n\
                  Without --calls, put the whole command into the configuration of your MCP client, in place of the server's own command. \
                  Every byte is passed on unchanged, and the exit code is the server's."
)]
pub(crate) struct CaptureArgs {
    /// File to write the capture to
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Make the calls in this file, one {"tool":…,"arguments":{…}} per line, instead of waiting for those of a client
    #[arg(long, value_name = "FILE")]
    pub(crate) calls: Option<PathBuf>,
    /// Redact secrets and personal data before they are written
    #[arg(long)]
    pub(crate) redact: bool,
    /// Observe files, hosts, programs and native libraries with strace (Linux)
    #[arg(long)]
    pub(crate) observe: bool,
    /// Also record the HTTP requests of the server, so that a replay needs no network
    #[arg(long)]
    pub(crate) record_http: bool,
    /// Record a server that is reached over HTTP: a proxy on this machine stands in front of it
    #[arg(long, value_name = "URL", conflicts_with_all = ["calls", "observe", "record_http", "command"])]
    pub(crate) http: Option<String>,
    /// Address that the proxy listens on; port 0 is any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", requires = "http")]
    pub(crate) listen: SocketAddr,
    /// Command that starts the MCP server
    #[arg(last = true, required_unless_present = "http", value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// `mpp inventory`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp inventory time.capture\n  mpp inventory time.capture --format json")]
pub(crate) struct InventoryArgs {
    /// Capture of an MCP server
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `mpp replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp replay time.capture .\n  mpp replay time.capture time-1.0.0.mpp --volatile /now\n  \
                  mpp replay time.capture . --update-volatile\n  mpp replay time.capture . --format junit > replay.xml\n\n\
                  `--format junit` writes a report for CI systems."
)]
pub(crate) struct ReplayArgs {
    /// Capture of an MCP server
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// JSON pointer to a value that differs in every call; `*` matches any member or index; can be repeated
    #[arg(long, value_name = "POINTER")]
    pub(crate) volatile: Vec<String>,
    /// Add the values that differ in this replay to FILE.volatile, so that later replays ignore them
    #[arg(long)]
    pub(crate) update_volatile: bool,
    /// What the package is given.
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    /// Answer yes to every question in this replay, except whether to trust a new publisher
    #[arg(long)]
    pub(crate) yes: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}
