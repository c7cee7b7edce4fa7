//! The arguments of `mpp run` and `mpp rerun`.

use std::path::PathBuf;

use clap::Args;

use super::{GrantArgs, SelectArgs};

/// `mpp run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp run . query=ada\n  mpp run . --tool find --help\n  mpp run contacts-1.0.0.mpp --tool find --args '{\"query\":\"ada\"}'\n  \
                  mpp run crm.mpp --args @call.json --env CRM_API_KEY --dir /data=./data\n  \
                  mpp run crm.mpp --arg query=ada --allow-local --ca crm-ca.pem"
)]
pub(crate) struct RunArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Arguments of the call, each as with `--arg`
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) pairs: Vec<String>,
    /// Tool to call; optional if the package has only one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// Arguments of the call as a JSON object: inline, from a file (@FILE), or from stdin (-)
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) args: Option<String>,
    /// One argument, converted to the type in the tool's schema; repeat a key to pass a list
    #[arg(long = "arg", value_name = "KEY=VALUE")]
    pub(crate) arg: Vec<String>,
    /// What the package is given.
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    /// Answer yes to every question in this run, except whether to trust a new publisher or to use a path of this machine
    #[arg(long)]
    pub(crate) yes: bool,
    /// Record the call in this file, to repeat it with `mpp rerun`; it is not filtered
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Whether `--help` was given after PKG|DIR: describe the tools of that package.
    #[arg(skip)]
    pub(crate) help: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp rerun`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp rerun call.json\n  mpp rerun call.json . --env CRM_API_KEY\n  mpp rerun call.json crm-1.1.0.mpp --format json"
)]
pub(crate) struct RerunArgs {
    /// Recording, as `mpp run --record` writes it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Package file, or project directory, which is built first [default: the recorded one]
    #[arg(value_name = "PKG|DIR")]
    pub(crate) target: Option<PathBuf>,
    /// Value of a declared environment variable [default: its value in the environment]; `-` passes no variables
    #[arg(long, value_name = "NAME[=VALUE]|-", allow_hyphen_values = true)]
    pub(crate) env: Vec<String>,
    /// Answer yes to every question in this run, except whether to trust a new publisher
    #[arg(long)]
    pub(crate) yes: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

impl RunArgs {
    /// Returns the arguments as they were meant: `mpp run name=Ada` calls the tool of the project in the current directory.
    pub(crate) fn normalized(mut self) -> Self {
        let first = self.target.to_str().filter(|first| first.contains('=') && !self.target.exists());
        if let Some(pair) = first.map(str::to_owned) {
            self.pairs.insert(0, pair);
            self.target = PathBuf::from(".");
        }
        self.pairs.append(&mut self.arg);
        self.arg = std::mem::take(&mut self.pairs);
        self
    }
}
