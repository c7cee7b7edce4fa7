//! The arguments of `mpp registry`.

use clap::{Args, Subcommand};

use super::RegistryAddArgs;

/// `mpp registry`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp registry add https://tools.example.com", arg_required_else_help = true)]
pub(crate) struct RegistryArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: RegistryCommand,
}

/// The subcommands of `mpp registry`.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Pin a registry and add it to the configuration
    Add(RegistryAddArgs),
}
