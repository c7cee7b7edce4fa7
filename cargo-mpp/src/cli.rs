//! The command line: clap types, and how its errors and help are worded.

mod args;
mod complaint;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::Program;

pub(crate) use args::{
    AuditArgs, AuditCommand, AuditListArgs, BuildArgs, CapsArgs, CompletionsArgs, ExplainArgs, InspectArgs, KeygenArgs,
    KvArgs, KvClearArgs, KvCommand, KvExportArgs, KvGetArgs, KvListArgs, KvPackageArgs, LintArgs, NewArgs, RunArgs,
    SchemaArgs, SchemaKind, SelectArgs, SignArgs, TrustAddArgs, TrustApproveArgs, TrustArgs, TrustCommand, VerifyArgs,
};
pub(crate) use complaint::{diagnose, help_for};

/// The hidden command that compiles a module; see [`Command::CompileChild`].
pub(crate) const COMPILE_CHILD: &str = "__compile";

/// Build, package, sign, verify and run MPP tools.
#[derive(Debug, Parser)]
#[command(
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Start with:\n  mpp new my-tool && cd my-tool && mpp run . --arg name=Ada\n\nEvery error names a code; `mpp explain CODE` says more."
)]
pub(crate) struct Cli {
    /// How to print.
    #[command(flatten)]
    pub(crate) output: OutputOptions,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How to print; the same for every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// Print the result for people or as one JSON document
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more of what is done
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl OutputOptions {
    /// What a command line that could not be read probably wanted.
    pub(crate) fn guessed_from(arguments: &[OsString]) -> Self {
        let json = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
            || arguments.iter().any(|argument| argument == "--format=json");
        Self { format: if json { Format::Json } else { Format::Text }, quiet: false, verbose: false }
    }
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    // Plain comments: with doc comments clap explains the two words at length in the help of every command.
    // For people.
    Text,
    // For programs.
    Json,
}

/// The commands; the help lists these and no others.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project that builds, tests and runs at once
    New(NewArgs),
    /// Compile a tool, derive its manifest, pack, sign and verify it
    Build(BuildArgs),
    /// Run a tool of a package once, in the sandbox
    Run(RunArgs),
    /// Make a publisher's key pair
    Keygen(KeygenArgs),
    /// Sign a package with a publisher's key
    Sign(SignArgs),
    /// Check a package: seven steps, and whose it is
    Verify(VerifyArgs),
    /// Show what is in a package and what it may do
    Inspect(InspectArgs),
    /// Say whose packages may run here
    Trust(TrustArgs),
    /// Look at what packages keep here, or clear it
    Kv(KvArgs),
    /// Show and verify the record of every call
    Audit(AuditArgs),
    /// Compare what a package declares, can import, and used
    Caps(CapsArgs),
    /// Say what a package's manifest could do better
    Lint(LintArgs),
    /// Say more about an error code
    Explain(ExplainArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Compile a module from stdin to stdout; the program calls itself with this
    #[command(name = COMPILE_CHILD, hide = true)]
    CompileChild,
}

/// Reads the command line.
///
/// # Errors
/// clap's: help or version wanted, or what is wrong.
pub(crate) fn parse(program: Program, arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let matches = command(program).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// The whole command tree, under the name that the program was started with.
pub(crate) fn command(program: Program) -> clap::Command {
    Cli::command().name(program.name()).bin_name(program.name())
}

#[cfg(test)]
mod tests {
    use super::{Program, command};

    #[test]
    fn the_command_tree_is_sound() {
        command(Program::Mpp).debug_assert();
        command(Program::CargoMpp).debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for sub in command(Program::Mpp).get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n  mpp "), "{}: {help}", sub.get_name());
            assert!(sub.get_about().is_some(), "{}", sub.get_name());
        }
    }
}
