//! The arguments of the commands that use a registry: `mpp register`, `publish`, `search`, `install` and those that follow them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::SelectArgs;

/// Which registry a command uses.
#[derive(Debug, Args)]
pub(crate) struct RegistryOption {
    /// Name or URL of a configured registry [default: the one that the package id is bound to, otherwise the default registry]
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) registry: Option<String>,
}

/// `mpp registry add`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp registry add https://tools.example.com\n  mpp registry add https://tools.example.com --name tools --prefix com.mycompany\n  \
                  mpp registry add https://tools.example.com --key 'tools.example.com/log+7c1e8f2a+AaFk…'\n  mpp registry add oci://ghcr.io/my-company/tools --prefix com.mycompany"
)]
pub(crate) struct RegistryAddArgs {
    /// URL of the registry; `oci://HOST/NAMESPACE` for packages in an OCI registry
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The registry's root key, from a source that you trust; required without a terminal
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Name for the registry [default: its host]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Look up package ids that begin with this prefix in this registry and nowhere else; can be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) prefix: Vec<String>,
    /// Mirror to use if the registry cannot be reached; can be repeated
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Vec<String>,
    /// Also trust the certificates in this PEM file for connections to the registry
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Allow plain HTTP to other machines
    #[arg(long)]
    pub(crate) allow_http: bool,
}

/// `mpp registry remove`.
#[derive(Debug, Args)]
pub(crate) struct RegistryRemoveArgs {
    /// Name or URL of the registry, as `mpp registry list` shows it
    #[arg(value_name = "NAME|URL")]
    pub(crate) registry: String,
    /// Keep the packages that were installed from the registry; you will not learn if one of them is revoked
    #[arg(long)]
    pub(crate) keep_packages: bool,
    /// Also forget the log that the registry has shown; a rollback or a fork can then no longer be detected
    #[arg(long)]
    pub(crate) forget: bool,
}

/// `mpp registry takedown`.
#[derive(Debug, Args)]
pub(crate) struct RegistryTakedownArgs {
    /// Version to take down
    #[arg(value_name = "ID@VERSION")]
    pub(crate) version: String,
    /// Kind of reason
    #[arg(long, value_name = "REASON", value_enum)]
    pub(crate) reason: Reason,
    /// Public explanation; another takedown of the same version replaces or erases it
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Private key of an operator [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp registry erase-profile`.
#[derive(Debug, Args)]
pub(crate) struct RegistryEraseArgs {
    /// Public key of the publisher: a file, or the key in Base64
    #[arg(value_name = "KEY")]
    pub(crate) publisher: String,
    /// Kind of reason
    #[arg(long, value_name = "REASON", value_enum)]
    pub(crate) reason: Reason,
    /// Private key of an operator [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp registry transfer`.
#[derive(Debug, Args)]
pub(crate) struct RegistryTransferArgs {
    /// Id of the package
    #[arg(value_name = "ID")]
    pub(crate) package: String,
    /// Public key of the new owner: a file, or the key in Base64
    #[arg(value_name = "KEY")]
    pub(crate) to: String,
    /// Private key of an operator [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp registry approve`.
#[derive(Debug, Args)]
#[group(id = "approved", required = true, multiple = false, args = ["publisher", "package_id"])]
pub(crate) struct RegistryApproveArgs {
    /// Public key of a publisher who has registered: a file, or the key in Base64
    #[arg(long, value_name = "KEY")]
    pub(crate) publisher: Option<String>,
    /// New package id that resembles one of another owner
    #[arg(long, value_name = "ID")]
    pub(crate) package_id: Option<String>,
    /// Private key of an operator [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// The kind of reason for which an operator erases something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reason {
    // It harms those who run it.
    Malware,
    // A law or a court demands it.
    Legal,
    // It contains personal data or secrets.
    PersonalData,
    // It breaks the rules of the registry.
    Policy,
    // The publisher asked for it.
    PublisherRequest,
}

/// `mpp register`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp register --name 'My Company' --url https://mycompany.example\n  mpp register --registry tools -k release-keys/publisher.key"
)]
pub(crate) struct RegisterArgs {
    /// Your name as a publisher
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Address of your web page
    #[arg(long, value_name = "URL", requires = "name")]
    pub(crate) url: Option<String>,
    /// How to reach you, for example a mail address; everybody can read it
    #[arg(long, value_name = "TEXT", requires = "name")]
    pub(crate) contact: Option<String>,
    /// Private key to register [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp publish`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp publish crm-lookup-1.0.0.mpp\n  mpp publish crm-lookup-1.1.0.mpp --dry-run\n  mpp publish crm-lookup-1.1.0.mpp --confirm-capabilities"
)]
pub(crate) struct PublishArgs {
    /// Package file, or project directory, which is built first if it has changed
    #[arg(default_value = ".", value_name = "PKG|DIR")]
    pub(crate) target: PathBuf,
    /// Private key that signed the package [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Publish even if the package declares more capabilities than the previous version
    #[arg(long)]
    pub(crate) confirm_capabilities: bool,
    /// Do everything except the upload
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
    /// The options that select what to compile.
    #[command(flatten)]
    pub(crate) select: SelectArgs,
}

/// `mpp search`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp search crm\n  mpp search --capability network --verified weather")]
pub(crate) struct SearchArgs {
    /// Words to look for in ids, names, descriptions, tools and publishers
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Only packages that declare this capability: network, filesystem, env_vars or kv; `none` for packages without any
    #[arg(long, value_name = "NAME")]
    pub(crate) capability: Option<String>,
    /// Only packages whose publisher has proved control of the domain in the package id
    #[arg(long)]
    pub(crate) verified: bool,
    /// Page of results
    #[arg(long, value_name = "NUMBER")]
    pub(crate) page: Option<u32>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp install`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp install com.example.notes\n  mpp install com.example.notes@1.2 'com.example.crm@>=1, <3'\n  mpp install --lock mpp.lock com.example.notes\n  \
                  mpp install --lock mpp.lock\n  mpp install --lock mpp.lock --offline"
)]
pub(crate) struct InstallArgs {
    /// Packages to install, each optionally with a version requirement [default: those that the lock file pins]
    #[arg(value_name = "ID[@REQ]", required_unless_present = "lock")]
    pub(crate) packages: Vec<String>,
    /// Lock file to install from, or to pin the installed packages in
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
    /// Use only packages that are on this machine, without asking the registry
    #[arg(long)]
    pub(crate) offline: bool,
    /// Approve what the packages may do without asking; never trusts a new publisher
    #[arg(long)]
    pub(crate) yes: bool,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp outdated`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp outdated\n  mpp outdated com.example.notes\n  mpp outdated --lock mpp.lock")]
pub(crate) struct OutdatedArgs {
    /// Installed packages to check [default: all]
    #[arg(value_name = "ID")]
    pub(crate) packages: Vec<String>,
    /// Lock file to check instead of the installed packages
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
}

/// `mpp update`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp update\n  mpp update com.example.notes\n  mpp update com.example.notes@2\n  mpp update --lock mpp.lock"
)]
pub(crate) struct UpdateArgs {
    /// Installed packages to update, each optionally with a new version requirement [default: all]
    #[arg(value_name = "ID[@REQ]")]
    pub(crate) packages: Vec<String>,
    /// Lock file to update, instead of the installed packages
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
    /// Approve what the packages may do without asking; never trusts a new publisher
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `mpp uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp uninstall com.example.notes")]
pub(crate) struct UninstallArgs {
    /// Packages to uninstall
    #[arg(value_name = "ID", required = true)]
    pub(crate) packages: Vec<String>,
}

/// `mpp yank`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mpp yank com.example.notes@1.2.0\n  mpp yank com.example.notes@1.2.0 --undo")]
pub(crate) struct YankArgs {
    /// Version that is no longer chosen for new installations; lock files still install it
    #[arg(value_name = "ID@VERSION")]
    pub(crate) version: String,
    /// Undo a yank
    #[arg(long)]
    pub(crate) undo: bool,
    /// Private key of an owner [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp owner`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mpp owner add com.example.notes colleague.pub\n  mpp owner remove com.example.notes colleague.pub",
    arg_required_else_help = true
)]
pub(crate) struct OwnerArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: OwnerCommand,
}

/// The subcommands of `mpp owner`.
#[derive(Debug, Subcommand)]
pub(crate) enum OwnerCommand {
    /// Add an owner, who can publish versions and add and remove owners
    #[command(after_help = "Examples:\n  mpp owner add com.example.notes colleague.pub")]
    Add(OwnerKeyArgs),
    /// Remove an owner of a package
    #[command(after_help = "Examples:\n  mpp owner remove com.example.notes colleague.pub")]
    Remove(OwnerKeyArgs),
}

/// `mpp owner add` and `mpp owner remove`.
#[derive(Debug, Args)]
pub(crate) struct OwnerKeyArgs {
    /// Id of the package
    #[arg(value_name = "ID")]
    pub(crate) package: String,
    /// Public key of the owner: a file, or the key in Base64
    #[arg(value_name = "PUBLIC-KEY")]
    pub(crate) owner: String,
    /// Private key of an owner, who signs the change [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp key delegate`.
#[derive(Debug, Args)]
pub(crate) struct KeyDelegateArgs {
    /// Packages that the key may publish
    #[arg(value_name = "ID", required = true)]
    pub(crate) packages: Vec<String>,
    /// Public key to let publish: a file, or the key in Base64 [default: a new key, written to the directory of `-o`]
    #[arg(long, value_name = "PUBLIC-KEY", conflicts_with = "output", required_unless_present = "output")]
    pub(crate) to: Option<String>,
    /// Directory to write a new key pair to, `delegate.key` and `delegate.pub`
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Number of days for which the key may publish, at most 90
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=90))]
    pub(crate) days: u64,
    /// Private key of an owner, who signs the delegation [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp key claim`.
#[derive(Debug, Args)]
pub(crate) struct KeyClaimArgs {
    /// Domain that the ids begin with, in reverse order: `example.com` for `com.example.notes`
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// Only print what the domain has to publish
    #[arg(long, conflicts_with = "registry")]
    pub(crate) show: bool,
    /// Private key that the domain names [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp key rotate`.
#[derive(Debug, Args)]
pub(crate) struct KeyRotateArgs {
    /// Public key that replaces yours: a file, or the key in Base64
    #[arg(value_name = "NEW-PUBLIC-KEY")]
    pub(crate) to: String,
    /// Private key to replace, which signs the change [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}

/// `mpp key revoke`.
#[derive(Debug, Args)]
pub(crate) struct KeyRevokeArgs {
    /// Public key to revoke: a file, or the key in Base64
    #[arg(value_name = "PUBLIC-KEY")]
    pub(crate) revoked: String,
    /// Index of the first leaf of the log that must not be trusted [default: the next one]
    #[arg(long, value_name = "LEAF")]
    pub(crate) from_leaf: Option<u64>,
    /// Private key that signs the revocation: of an owner of the same packages, or the key itself [default: ~/.mpp/keys/publisher.key]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The registry.
    #[command(flatten)]
    pub(crate) registry: RegistryOption,
}
