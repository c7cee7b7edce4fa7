//! The arguments of the commands that print reference material: `mpp explain`, `schema` and `completions`.

use clap::{Args, ValueEnum};

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
#[command(after_help = "Examples:\n  mpp schema manifest > manifest.schema.json")]
pub(crate) struct SchemaArgs {
    /// File format to describe
    #[arg(value_enum, value_name = "FORMAT")]
    pub(crate) kind: SchemaKind,
}

/// A file format that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// The manifest.json of a package
    Manifest,
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
