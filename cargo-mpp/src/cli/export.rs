//! The arguments of `mpp export`.

use std::path::PathBuf;

use clap::Args;

use super::SelectArgs;

/// `mpp export`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp export --mcpb contacts-1.0.0.mpp\n  mpp export --mcpb . -o contacts.mcpb")]
pub(crate) struct ExportArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Write a bundle that desktop clients install (MCPB): the package and this program
    #[arg(long, required = true)]
    pub(crate) mcpb: bool,
    /// The file to write [default: NAME-VERSION.mcpb in the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Bundle this build of `mpp` instead of the running program, for example one for another system
    #[arg(long, value_name = "FILE", requires = "platform")]
    pub(crate) program: Option<PathBuf>,
    /// The system that the program is for [default: this one]
    #[arg(long, value_name = "SYSTEM", value_parser = ["darwin", "linux"])]
    pub(crate) platform: Option<String>,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}
