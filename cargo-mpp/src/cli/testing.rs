//! The arguments of the commands that test a package in any language: `mpp test` and `mpp conformance`.

use std::path::PathBuf;

use clap::Args;

use super::SelectArgs;

/// `mpp test`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp test\n  mpp test . --filter greets\n  mpp test . --update\n  mpp test . --format junit > report.xml\n\n\
                  Cases are files in the directory `tests` of the project, in JSON or YAML. `mpp schema test` prints their JSON Schema. \
                  `--format junit` writes a report for CI systems."
)]
pub(crate) struct TestArgs {
    /// Project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Run only the cases whose name, or whose file and name, contain this text; can be repeated
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,
    /// Replace the expected results in the files with the actual ones
    #[arg(long)]
    pub(crate) update: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp conformance`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp conformance my-tool-0.1.0.mpp\n  mpp conformance . --complete\n  mpp conformance . --format junit > report.xml\n\n\
                  The program is given no files, no variables, no state and no network while it is checked. `--format junit` writes a report for CI systems."
)]
pub(crate) struct ConformanceArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Fail if a requirement cannot be checked, because the package lacks a tool for it
    #[arg(long)]
    pub(crate) complete: bool,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}
