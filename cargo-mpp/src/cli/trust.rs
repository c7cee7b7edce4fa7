//! The arguments of `mpp trust`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `mpp trust`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp trust list\n  mpp trust add crm-1.0.0.mpp\n  mpp trust add publisher.pub --name 'My Company' --prefix com.mycompany\n  \
                  mpp trust remove pub_a1b2c3d4e5f67890",
    arg_required_else_help = true
)]
pub(crate) struct TrustArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: TrustCommand,
}

/// The subcommands of `mpp trust`.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Trust a publisher, so that their packages can run
    #[command(
        after_help = "Examples:\n  mpp trust add crm-1.0.0.mpp\n  mpp trust add publisher.pub --name 'My Company' --prefix com.mycompany"
    )]
    Add(TrustAddArgs),
    /// Approve what a package of a trusted publisher declares
    #[command(
        after_help = "Examples:\n  mpp trust approve crm-1.1.0.mpp\n  mpp trust approve crm-1.1.0.mpp --tool delete"
    )]
    Approve(TrustApproveArgs),
    /// Accept the tools of an MCP server as they are now
    #[command(
        after_help = "Examples:\n  mpp trust server time --config agent.toml\n  mpp trust server time --config agent.toml --tool get_current_time"
    )]
    Server(TrustServerArgs),
    /// List trusted publishers
    #[command(after_help = "Examples:\n  mpp trust list\n  mpp trust list --format json")]
    List,
    /// Show a trusted publisher and the packages approved so far
    #[command(after_help = "Examples:\n  mpp trust show pub_a1b2c3d4e5f67890")]
    Show(TrustNameArgs),
    /// Stop trusting a publisher and forget the approvals of their packages
    #[command(after_help = "Examples:\n  mpp trust remove pub_a1b2c3d4e5f67890")]
    Remove(TrustNameArgs),
}

/// `mpp trust add`.
#[derive(Debug, Args)]
pub(crate) struct TrustAddArgs {
    /// Package signed by the publisher, or file with the publisher's public key
    #[arg(value_name = "PKG|FILE")]
    pub(crate) source: PathBuf,
    /// Name of the publisher [default: the name in PKG]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Trust only packages whose id is ID or starts with `ID.`; can be repeated [default: the id of PKG]
    #[arg(long, value_name = "ID")]
    pub(crate) prefix: Vec<String>,
}

/// `mpp trust approve`.
#[derive(Debug, Args)]
pub(crate) struct TrustApproveArgs {
    /// Package to approve
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
    /// Also allow calls of this tool without asking; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Vec<String>,
}

/// `mpp trust server`.
#[derive(Debug, Args)]
pub(crate) struct TrustServerArgs {
    /// Name of the server in the configuration
    #[arg(value_name = "SERVER")]
    pub(crate) server: String,
    /// Configuration that names the server
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Also allow calls of this tool without asking, until its definition changes; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Vec<String>,
}

/// `mpp trust show` and `mpp trust remove`.
#[derive(Debug, Args)]
pub(crate) struct TrustNameArgs {
    /// Key id of the publisher, as printed by `mpp trust list`
    #[arg(value_name = "KEY-ID")]
    pub(crate) key_id: String,
}
