//! The arguments of `mpp new` and `mpp build`, and the options that select what to compile.

use std::path::PathBuf;

use clap::Args;
use mpp_mcp::config::HeaderTemplate;

/// `mpp new`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp new my-tool\n  mpp new my-tool --template go\n  mpp new clock --from-mcp 'uvx mcp-server-time'\n  mpp new clock --from-mcp 'uvx mcp-server-time' --template python\n  mpp new crm --from-mcp https://mcp.example.com/mcp --header 'Authorization: Bearer ${CRM_TOKEN}'"
)]
pub(crate) struct NewArgs {
    /// Directory to create or to fill; its last component becomes the name of the project
    #[arg(value_name = "DIR")]
    pub(crate) path: PathBuf,
    /// Name of the project [default: name of the directory]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Template to start from: `tool` (annotated functions in Rust), `handler` (one Rust function for every request), `go`,
    /// `python`, `c`, `cpp`, `ts` or `js` [default: tool]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
    /// Start from the tools of an MCP server: the command that starts it, its URL, or a file with its tool definitions or a
    /// capture; for the templates `tool`, `python`, `ts` and `js`
    #[arg(long, value_name = "COMMAND|URL|FILE")]
    pub(crate) from_mcp: Option<String>,
    /// Send this header to the URL; `${VARIABLE}` in its value is replaced by an environment variable; can be repeated
    #[arg(long, value_name = "NAME: VALUE", requires = "from_mcp", value_parser = header)]
    pub(crate) header: Vec<HeaderTemplate>,
    /// Allow a URL with plain HTTP to another machine
    #[arg(long, requires = "from_mcp")]
    pub(crate) allow_http: bool,
}

/// `mpp build`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp build\n  mpp build examples/contacts -o dist\n  mpp build --check-repro")]
pub(crate) struct BuildArgs {
    /// Project directory, containing a Cargo.toml or, in other languages, a manifest.json
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) path: PathBuf,
    /// Directory to write the package to [default: target/mpp of the project]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Do not sign the package; it cannot run until it is signed
    #[arg(long)]
    pub(crate) no_sign: bool,
    /// Build every tool in the workspace
    #[arg(long, conflicts_with = "package")]
    pub(crate) workspace: bool,
    /// Build twice, in two different directories, and compare the packages
    #[arg(long)]
    pub(crate) check_repro: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// Options that select what to compile; they are passed on to cargo.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Compilation")]
pub(crate) struct SelectArgs {
    /// Package of the workspace to build
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Binary target to build, if the package has several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Comma-separated list of features to enable
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// Require Cargo.lock to be up to date
    #[arg(long)]
    pub(crate) locked: bool,
    /// Do not access the network while building
    #[arg(long)]
    pub(crate) offline: bool,
}

/// Reads `NAME: VALUE`.
fn header(text: &str) -> Result<HeaderTemplate, String> {
    let (name, value) = text.split_once(':').ok_or("expected `NAME: VALUE`")?;
    HeaderTemplate::parse(name.trim(), value.trim())
}
