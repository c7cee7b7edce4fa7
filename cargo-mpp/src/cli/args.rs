//! The arguments of each command.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `mpp new`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp new my-tool\n  mpp new my-tool --template handler")]
pub(crate) struct NewArgs {
    /// The directory to make; its last part becomes the tool's name
    pub(crate) path: PathBuf,
    /// Which template to start from: `tool` (annotated functions) or `handler` [default: tool]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
}

/// `mpp build`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp build\n  mpp build examples/contacts -o dist\n  mpp build --check-repro")]
pub(crate) struct BuildArgs {
    /// The project: a directory with a Cargo.toml or a manifest.json
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) path: PathBuf,
    /// Where to write the package [default: target/mpp of the project]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Leave the package unsigned; nothing runs it until it is signed
    #[arg(long)]
    pub(crate) no_sign: bool,
    /// Build every package of the workspace that is a tool
    #[arg(long, conflicts_with = "package")]
    pub(crate) workspace: bool,
    /// Build twice, in two directories, and compare
    #[arg(long)]
    pub(crate) check_repro: bool,
    /// What to compile
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// What to compile, as for cargo.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "What to compile")]
pub(crate) struct SelectArgs {
    /// Which package of the workspace
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Which program of the package
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Which features to turn on
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// Refuse to change Cargo.lock
    #[arg(long)]
    pub(crate) locked: bool,
    /// Do not use the network
    #[arg(long)]
    pub(crate) offline: bool,
}

/// `mpp run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp run . --arg query=ada\n  mpp run contacts-1.0.0.mpp --tool find --args '{\"query\":\"ada\"}'\n  \
                  mpp run crm.mpp --args @call.json --env CRM_API_KEY --dir /data=./data\n  \
                  mpp run crm.mpp --arg query=ada --allow-local --ca crm-ca.pem"
)]
pub(crate) struct RunArgs {
    /// A package, or a project that is built first where it changed
    #[arg(value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Which tool; may be left out where there is one
    #[arg(short, long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// The arguments: JSON, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) args: Option<String>,
    /// One argument, typed by the tool's schema; repeat it for a list
    #[arg(long = "arg", value_name = "KEY=VALUE")]
    pub(crate) arg: Vec<String>,
    /// Give a declared variable: from this environment, or this value; `-` alone gives none
    #[arg(long, value_name = "NAME[=VALUE]|-", allow_hyphen_values = true)]
    pub(crate) env: Vec<String>,
    /// Map a declared directory or file to one of this machine
    #[arg(long, value_name = "GUEST=HOST")]
    pub(crate) dir: Vec<String>,
    /// Let declared hosts be on this machine or its network
    #[arg(long)]
    pub(crate) allow_local: bool,
    /// Trust the certificates in this file (PEM) for the tool's requests, besides the usual ones
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Approve what would be asked about, for this run; it does not answer whom to trust
    #[arg(long)]
    pub(crate) yes: bool,
    /// What to compile, where DIR is a workspace
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp keygen`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp keygen\n  mpp keygen -o release-keys --passphrase")]
pub(crate) struct KeygenArgs {
    /// Where to write the pair [default: keys in ~/.mpp]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// The files' name: NAME.key and NAME.pub
    #[arg(long, default_value = "publisher", value_name = "NAME")]
    pub(crate) name: String,
    /// Encrypt the private key; asks, or takes MPP_KEY_PASSPHRASE
    #[arg(long)]
    pub(crate) passphrase: bool,
}

/// `mpp sign`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp sign target/mpp/my-tool-0.1.0.dev.mpp\n  mpp sign my-tool-0.1.0.dev.mpp -k release-keys/publisher.key"
)]
pub(crate) struct SignArgs {
    /// The package
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
    /// The private key [default: publisher.key in ~/.mpp/keys]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Where to write the signed package [default: NAME-VERSION.mpp beside PKG]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `mpp verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp verify my-tool-0.1.0.mpp\n  mpp verify my-tool-0.1.0.mpp --require-trust\n  \
                  mpp verify my-tool-0.1.0.mpp --publisher-key publisher.pub")]
pub(crate) struct VerifyArgs {
    /// The package
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
    /// Fail where the publisher is neither trusted nor yourself
    #[arg(long)]
    pub(crate) require_trust: bool,
    /// Fail where the package is not by this key
    #[arg(long, value_name = "FILE")]
    pub(crate) publisher_key: Option<PathBuf>,
}

/// `mpp inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp inspect my-tool-0.1.0.mpp\n  mpp inspect my-tool-0.1.0.mpp --format json")]
pub(crate) struct InspectArgs {
    /// The package
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
}

/// `mpp trust`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp trust list\n  mpp trust add crm-1.0.0.mpp\n  mpp trust add publisher.pub --name 'My Company' --prefix com.mycompany\n  \
                  mpp trust remove pub_a1b2c3d4e5f67890",
    arg_required_else_help = true
)]
pub(crate) struct TrustArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: TrustCommand,
}

/// What `mpp trust` does.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Let a publisher's packages run
    #[command(
        after_help = "Examples:\n  mpp trust add crm-1.0.0.mpp\n  mpp trust add publisher.pub --name 'My Company' --prefix com.mycompany"
    )]
    Add(TrustAddArgs),
    /// Accept what a package declares, from a publisher that you trust
    #[command(
        after_help = "Examples:\n  mpp trust approve crm-1.1.0.mpp\n  mpp trust approve crm-1.1.0.mpp --tool delete"
    )]
    Approve(TrustApproveArgs),
    /// List whose packages may run
    #[command(after_help = "Examples:\n  mpp trust list\n  mpp trust list --format json")]
    List,
    /// Show one publisher
    #[command(after_help = "Examples:\n  mpp trust show pub_a1b2c3d4e5f67890")]
    Show(TrustNameArgs),
    /// Let a publisher's packages run no longer
    #[command(after_help = "Examples:\n  mpp trust remove pub_a1b2c3d4e5f67890")]
    Remove(TrustNameArgs),
}

/// `mpp trust approve`.
#[derive(Debug, Args)]
pub(crate) struct TrustApproveArgs {
    /// The package
    #[arg(value_name = "PKG")]
    pub(crate) package: PathBuf,
    /// Let this tool be called without a question, whatever its security level; repeat it for several
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Vec<String>,
}

/// `mpp audit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp audit list --last 50\n  mpp audit show 17\n  mpp audit verify",
    arg_required_else_help = true
)]
pub(crate) struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What `mpp audit` does.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List recorded calls, the newest last
    #[command(
        after_help = "Examples:\n  mpp audit list\n  mpp audit list --package com.example.crm --since 24h\n  mpp audit list --outcome timeout --all"
    )]
    List(AuditListArgs),
    /// Show one recorded call
    #[command(after_help = "Examples:\n  mpp audit show 17\n  mpp audit show 9f86d081884c7d65-1")]
    Show(AuditShowArgs),
    /// Check that no record was changed, taken out, added, moved or cut off
    #[command(after_help = "Examples:\n  mpp audit verify\n  mpp audit verify --format json")]
    Verify,
}

/// `mpp audit list`.
#[derive(Debug, Args)]
pub(crate) struct AuditListArgs {
    /// Calls of this package
    #[arg(long, value_name = "ID")]
    pub(crate) package: Option<String>,
    /// Calls since a time (UTC) or within a span: 2026-03-01, 2026-03-01T12:00:00Z, 30m, 24h, 7d
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Calls that ended so: ok, is_error, or the kind of a failure such as timeout
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) outcome: Option<String>,
    /// The last so many of these
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) last: usize,
    /// All of these
    #[arg(long, conflicts_with = "last")]
    pub(crate) all: bool,
}

/// `mpp audit show`.
#[derive(Debug, Args)]
pub(crate) struct AuditShowArgs {
    /// The record's number, or the invocation's name
    #[arg(value_name = "N|ID")]
    pub(crate) record: String,
}

/// `mpp caps`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp caps crm-1.0.0.mpp\n  mpp caps . --suggest\n  mpp caps . --check")]
pub(crate) struct CapsArgs {
    /// A package, or a project that is built first where it changed
    #[arg(value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Print the least that would do, for Cargo.toml; with --format json for manifest.json
    #[arg(long, conflicts_with = "check")]
    pub(crate) suggest: bool,
    /// Fail where something is declared and not used, or used and not declared
    #[arg(long)]
    pub(crate) check: bool,
    /// What to compile, where DIR is a workspace
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp lint`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp lint crm-1.0.0.mpp\n  mpp lint . --deny")]
pub(crate) struct LintArgs {
    /// A package, or a project that is built first where it changed
    #[arg(value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Fail where anything is found
    #[arg(long)]
    pub(crate) deny: bool,
    /// What to compile, where DIR is a workspace
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp trust add`.
#[derive(Debug, Args)]
pub(crate) struct TrustAddArgs {
    /// A package of the publisher, or their public key
    #[arg(value_name = "PKG|FILE")]
    pub(crate) source: PathBuf,
    /// The publisher's name [default: the one in PKG]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Only packages whose id is this or starts with it and a dot [default: the id of PKG]
    #[arg(long, value_name = "ID")]
    pub(crate) prefix: Vec<String>,
}

/// `mpp trust show` and `mpp trust remove`.
#[derive(Debug, Args)]
pub(crate) struct TrustNameArgs {
    /// The key id, as `mpp trust list` prints it
    #[arg(value_name = "KEY-ID")]
    pub(crate) key_id: String,
}

/// `mpp kv`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp kv list\n  mpp kv list com.example.notes\n  mpp kv get com.example.notes note/0000000001\n  \
                  mpp kv export notes-1.0.0.mpp -o notes.json\n  mpp kv clear com.example.notes",
    arg_required_else_help = true
)]
pub(crate) struct KvArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: KvCommand,
}

/// What `mpp kv` does.
#[derive(Debug, Subcommand)]
pub(crate) enum KvCommand {
    /// List the packages that keep something, or the keys of one
    #[command(
        after_help = "Examples:\n  mpp kv list\n  mpp kv list com.example.notes --prefix note/\n  mpp kv list notes-1.0.0.mpp --format json"
    )]
    List(KvListArgs),
    /// Print one value, byte for byte
    #[command(
        after_help = "Examples:\n  mpp kv get com.example.notes last_id\n  mpp kv get com.example.notes 00ff --hex > value.bin"
    )]
    Get(KvGetArgs),
    /// Print all keys and values as one JSON document
    #[command(
        after_help = "Examples:\n  mpp kv export com.example.notes > notes.json\n  mpp kv export notes-1.0.0.mpp -o notes.json"
    )]
    Export(KvExportArgs),
    /// Remove everything that a package keeps
    #[command(after_help = "Examples:\n  mpp kv clear com.example.notes\n  mpp kv clear notes-1.0.0.mpp --yes")]
    Clear(KvClearArgs),
}

/// Whose state.
#[derive(Debug, Args)]
pub(crate) struct KvPackageArgs {
    /// A package file, or the id of a package that keeps something here
    #[arg(value_name = "PKG|ID")]
    pub(crate) package: String,
    /// The publisher's key id, where several publishers have packages of this id
    #[arg(long, value_name = "KEY-ID")]
    pub(crate) publisher: Option<String>,
}

/// `mpp kv list`.
#[derive(Debug, Args)]
pub(crate) struct KvListArgs {
    /// A package file, or the id of a package [default: list the packages]
    #[arg(value_name = "PKG|ID")]
    pub(crate) package: Option<String>,
    /// The publisher's key id, where several publishers have packages of this id
    #[arg(long, value_name = "KEY-ID", requires = "package")]
    pub(crate) publisher: Option<String>,
    /// Only keys that start with this
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, requires = "package")]
    pub(crate) prefix: String,
}

/// `mpp kv get`.
#[derive(Debug, Args)]
pub(crate) struct KvGetArgs {
    /// Whose.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// The key
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// KEY is hexadecimal, for a key that is no text
    #[arg(long)]
    pub(crate) hex: bool,
}

/// `mpp kv export`.
#[derive(Debug, Args)]
pub(crate) struct KvExportArgs {
    /// Whose.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// Only keys that start with this
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) prefix: String,
    /// Where to write it [default: print it]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `mpp kv clear`.
#[derive(Debug, Args)]
pub(crate) struct KvClearArgs {
    /// Whose.
    #[command(flatten)]
    pub(crate) package: KvPackageArgs,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `mpp explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp explain MPP-G401\n  mpp explain list")]
pub(crate) struct ExplainArgs {
    /// A code such as MPP-G401, or `list` for all of them
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// `mpp schema`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp schema manifest > manifest.schema.json")]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "WHAT")]
    pub(crate) kind: SchemaKind,
}

/// What there is a schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// A package's manifest.json
    Manifest,
}

/// `mpp completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp completions bash > ~/.local/share/bash-completion/completions/mpp\n  mpp completions fish > ~/.config/fish/completions/mpp.fish"
)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
