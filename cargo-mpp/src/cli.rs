//! The command line: the arguments of each command as clap types.

mod audit;
mod build;
mod complaint;
#[cfg(test)]
mod documented;
mod export;
mod grant;
mod keys;
mod kv;
mod migrate;
mod package;
mod reference;
mod registry;
mod registry_client;
#[cfg(feature = "registry-server")]
mod registry_following;
#[cfg(feature = "registry-server")]
mod registry_keys;
mod run;
mod serve;
mod testing;
mod trust;

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::program::Program;

pub(crate) use audit::{AuditArgs, AuditCommand, AuditListArgs};
pub(crate) use build::{BuildArgs, NewArgs, SelectArgs};
pub(crate) use complaint::diagnose;
pub(crate) use export::ExportArgs;
pub(crate) use grant::GrantArgs;
pub(crate) use keys::{KeyArgs, KeyCommand, KeyMoveArgs, KeygenArgs, SignArgs};
pub(crate) use kv::{KvArgs, KvClearArgs, KvCommand, KvExportArgs, KvGetArgs, KvListArgs, KvPackageArgs};
pub(crate) use migrate::{CaptureArgs, InventoryArgs, ReplayArgs};
pub(crate) use package::{CapsArgs, InspectArgs, LintArgs, VerifyArgs};
pub(crate) use reference::{CompletionsArgs, DoctorArgs, ExplainArgs, SchemaArgs, SchemaCommand};
#[cfg(feature = "registry-server")]
pub(crate) use registry::{LogFormat, RegistryCopyArgs, RegistryInitArgs, RegistryPlaceArgs, RegistryServeArgs};
pub(crate) use registry::{RegistryArgs, RegistryCommand};
pub(crate) use registry_client::{
    InstallArgs, KeyClaimArgs, KeyDelegateArgs, KeyRevokeArgs, KeyRotateArgs, OutdatedArgs, OwnerArgs, OwnerCommand,
    OwnerKeyArgs, PublishArgs, Reason, RegisterArgs, RegistryAddArgs, RegistryApproveArgs, RegistryEraseArgs,
    RegistryRemoveArgs, RegistryTakedownArgs, RegistryTransferArgs, SearchArgs, UninstallArgs, UpdateArgs, YankArgs,
};
#[cfg(feature = "registry-server")]
pub(crate) use registry_following::{RegistryMonitorArgs, RegistryWitnessArgs};
#[cfg(feature = "registry-server")]
pub(crate) use registry_keys::{RegistryRotateArgs, RegistrySignArgs};
pub(crate) use run::{RerunArgs, RunArgs};
pub(crate) use serve::ServeArgs;
pub(crate) use testing::{ConformanceArgs, TestArgs};
pub(crate) use trust::{TrustAddArgs, TrustApproveArgs, TrustArgs, TrustCommand, TrustServerArgs};

/// The word with which the program starts itself to compile a module. It is not a command, so that no help and no completion
/// offers it.
pub(crate) const COMPILE_CHILD: &str = "__compile";

/// Build, package, sign, verify and run MPP tools.
#[derive(Debug, Parser)]
#[command(
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Start with:\n  mpp new my-tool && cd my-tool && mpp run . --arg name=Ada\n\nEvery error has a code; `mpp explain CODE` describes it."
)]
pub(crate) struct Cli {
    /// Output options.
    #[command(flatten)]
    pub(crate) output: OutputOptions,
    /// The command to run.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options about output, the same for every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// Output format: text for people, json for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Format,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more details
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

impl OutputOptions {
    /// The options of a process that a person does not look at.
    pub(crate) fn quiet() -> Self {
        Self { format: Format::Text, quiet: true, verbose: false }
    }

    /// Guesses the options that an invalid command line meant, so that its error is printed in the right format.
    pub(crate) fn guessed_from(arguments: &[OsString]) -> Self {
        let json = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
            || arguments.iter().any(|argument| argument == "--format=json");
        Self { format: if json { Format::Json } else { Format::Text }, quiet: false, verbose: false }
    }
}

/// The format of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    // Plain comments: with doc comments clap explains the two words at length in the help of every command.
    // For people.
    Text,
    // For programs.
    Json,
    // For CI systems; `replay`, `test` and `conformance` have it.
    #[value(hide = true)]
    Junit,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a project for a new tool
    New(NewArgs),
    /// Build a tool into a signed package
    Build(BuildArgs),
    /// Run a tool once, in the sandbox
    Run(RunArgs),
    /// Repeat a recorded call and show how it differs from the recording
    Rerun(RerunArgs),
    /// Serve packages to MCP clients
    Serve(ServeArgs),
    /// Write a package as a bundle for desktop clients
    Export(ExportArgs),
    /// Generate a publisher key pair
    Keygen(KeygenArgs),
    /// Manage your keys on this machine and at registries
    Key(KeyArgs),
    /// Sign a package with a publisher key
    Sign(SignArgs),
    /// Verify a package and report whether its publisher is trusted
    Verify(VerifyArgs),
    /// Show the contents and permissions of a package
    Inspect(InspectArgs),
    /// Manage trusted publishers and approvals
    Trust(TrustArgs),
    /// Inspect or clear the state that packages have stored
    Kv(KvArgs),
    /// List recorded calls and verify the audit log
    Audit(AuditArgs),
    /// Compare the capabilities that a package declares, can use and has used
    Caps(CapsArgs),
    /// Check a manifest for possible improvements
    Lint(LintArgs),
    /// Run the test cases of a project in any language
    Test(TestArgs),
    /// Check that a package follows the wire protocol
    Conformance(ConformanceArgs),
    /// Record the messages between an MCP client and an MCP server
    Capture(CaptureArgs),
    /// List what a captured MCP server depends on
    Inventory(InventoryArgs),
    /// Repeat captured calls with a package and compare the answers
    Replay(ReplayArgs),
    /// Check the home directory and the compilers on this machine
    Doctor(DoctorArgs),
    /// Register as a publisher at a registry
    Register(RegisterArgs),
    /// Publish a package to a registry
    Publish(PublishArgs),
    /// Hide a published version from new installations
    Yank(YankArgs),
    /// Add and remove owners of a published package
    Owner(OwnerArgs),
    /// Search a registry for packages
    Search(SearchArgs),
    /// Install packages from registries
    Install(InstallArgs),
    /// List installed packages that have newer versions
    Outdated(OutdatedArgs),
    /// Update installed packages
    Update(UpdateArgs),
    /// Remove installed packages
    Uninstall(UninstallArgs),
    /// Add registries, or run one
    Registry(RegistryArgs),
    /// Explain an error code
    Explain(ExplainArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Generate a shell completion script
    Completions(CompletionsArgs),
}

/// Parses the command line.
///
/// # Errors
/// Returns clap's error for an invalid command line, and for `--help` and `--version`.
pub(crate) fn parse(program: Program, arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let arguments = help_as_option(arguments);
    if let Some(cli) = help_for_tools(program, &arguments) {
        return Ok(cli);
    }
    let matches = command(program).try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    let has_junit = matches!(cli.command, Command::Replay(_) | Command::Test(_) | Command::Conformance(_));
    if cli.output.format == Format::Junit && !has_junit {
        let message = "the format `junit` is for `replay`, `test` and `conformance` only";
        return Err(command(program).error(clap::error::ErrorKind::ValueValidation, message));
    }
    Ok(cli)
}

/// Converts `mpp help COMMAND…` to `mpp COMMAND… --help`. The help does not list a command for this, since every command would
/// repeat it.
fn help_as_option(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// Parses `mpp run PKG --help`, which describes the tools of the package. Any other request for help is left to clap.
fn help_for_tools(program: Program, arguments: &[OsString]) -> Option<Cli> {
    let asks = |word: &OsString| word == "--help" || word == "-h";
    if !arguments.iter().any(asks) || !arguments.iter().any(|word| word == "run") {
        return None;
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::SetTrue);
    let lenient = command(program).mut_subcommand("run", |run| run.disable_help_flag(true).arg(help));
    let matches = lenient.try_get_matches_from(arguments).ok()?;
    let run = matches.subcommand_matches("run")?;
    let has_target = run.value_source("target") == Some(ValueSource::CommandLine);
    let mut cli = Cli::from_arg_matches(&matches).ok().filter(|_| has_target && run.get_flag("help"))?;
    if let Command::Run(args) = &mut cli.command {
        args.help = true;
    }
    Some(cli)
}

/// Returns the command tree, under the name by which the program was started.
pub(crate) fn command(program: Program) -> clap::Command {
    Cli::command().name(program.name()).bin_name(program.name())
}

#[cfg(test)]
mod tests {
    use super::{Program, command};

    #[test]
    fn the_command_tree_is_consistent() {
        command(Program::Mpp).debug_assert();
        command(Program::CargoMpp).debug_assert();
    }

    #[test]
    fn every_command_has_a_description_and_an_example() {
        fn check(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                let path = format!("{path} {}", sub.get_name());
                let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(&format!("Examples:\n  {path}")), "{path}: {help}");
                assert!(sub.get_about().is_some(), "{path}");
                check(sub, &path);
            }
        }
        check(&command(Program::Mpp), "mpp");
    }
}
