//! The arguments of the commands about the program itself: `mpp doctor`, `explain`, `schema` and `completions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `mpp doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp doctor\n  mpp doctor --lang go")]
pub(crate) struct DoctorArgs {
    /// Project whose compilers are looked for; a Rust project can choose its own
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Language to check, and fail unless it is usable: rust, go, js, python, c or cpp [default: all of them]
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<String>,
}

/// `mpp explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp explain MPP-G401\n  mpp explain list")]
pub(crate) struct ExplainArgs {
    /// Error code such as MPP-G401, or `list` to print every code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// `mpp schema`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp schema manifest > manifest.schema.json\n  mpp schema output verify")]
pub(crate) struct SchemaArgs {
    /// The schema to print
    #[command(subcommand)]
    pub(crate) command: SchemaCommand,
}

/// A JSON Schema.
#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print the schema of the manifest.json of a package
    #[command(after_help = "Examples:\n  mpp schema manifest > manifest.schema.json")]
    Manifest,
    /// Print the schema of a file of test cases
    #[command(after_help = "Examples:\n  mpp schema test > tests.schema.json")]
    Test,
    /// Print the schema of the documents that `--format json` prints
    Output(SchemaOutputArgs),
}

/// `mpp schema output`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp schema output > output.schema.json\n  mpp schema output kv list")]
pub(crate) struct SchemaOutputArgs {
    /// Command whose documents to describe; if omitted, every command
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// `mpp completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp completions bash > ~/.local/share/bash-completion/completions/mpp\n  mpp completions fish > ~/.config/fish/completions/mpp.fish"
)]
pub(crate) struct CompletionsArgs {
    /// Shell to generate the script for
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
