//! Why a build failed: one enum, a stable code and a help text for each.

use std::path::PathBuf;

use mpp_host::codes::{Code, Coded};
use mpp_host::host::DescribeError;
use mpp_host::package::manifest::ManifestError;
use mpp_host::package::writer::WriteError;

use crate::codes;
use crate::project::keys::KeyError;
use crate::strip::StripError;

/// Why a project was not found, or its package not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No directory to look in.
    #[error("`{}` is not a directory that can be read", dir.display())]
    NoDirectory {
        /// What was given.
        dir: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// Neither `Cargo.toml` nor `manifest.json`.
    #[error("no project in `{}`: expected a `Cargo.toml` or a `manifest.json` there or in a directory above", dir.display())]
    NoProject {
        /// Where the search began.
        dir: PathBuf,
    },
    /// A workspace with several tools, or none, and nothing said which.
    #[error("`{}` is a workspace and no package was chosen; {}", root.display(), tools_sentence(tools))]
    ChooseMember {
        /// The workspace.
        root: PathBuf,
        /// Its members that are tools.
        tools: Vec<String>,
    },
    /// `-p` named something else.
    #[error("the workspace has no package `{name}`{}", did_you_mean(nearest.as_deref()))]
    NoSuchMember {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        nearest: Option<String>,
        /// The members that are tools.
        tools: Vec<String>,
    },
    /// No program to build.
    #[error("package `{package}` has no binary: a tool is a program whose `main` calls `mpp::serve()`")]
    NoBinary {
        /// The Cargo package.
        package: String,
    },
    /// Several programs, and nothing said which.
    #[error("package `{package}` has several binaries ({}) and one package is one tool program", list(bins))]
    ChooseBinary {
        /// The Cargo package.
        package: String,
        /// Its binaries.
        bins: Vec<String>,
    },
    /// `metadata.mpp.bin` or `--bin` named something else.
    #[error("package `{package}` has no binary `{name}`; it has {}", list(bins))]
    NoSuchBinary {
        /// The Cargo package.
        package: String,
        /// What was asked for.
        name: String,
        /// Its binaries.
        bins: Vec<String>,
    },
    /// A key that does not exist or a value of the wrong type.
    #[error("{}: {error}", file.display())]
    Key {
        /// `Cargo.toml` or `manifest.json`.
        file: PathBuf,
        /// Which key, and what about it.
        error: KeyError,
    },
    /// `cargo metadata` refused the project.
    #[error("cargo cannot read the project in `{}`:\n{}", dir.display(), output.trim_end())]
    CargoMetadata {
        /// Where it ran.
        dir: PathBuf,
        /// What it said.
        output: String,
    },
    /// A program is not installed.
    #[error("`{program}` cannot be started")]
    ProgramMissing {
        /// For example `cargo`.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The Rust target is missing and could not be added.
    #[error("the Rust target `{target}` is missing and could not be added{}", colon(output))]
    TargetMissing {
        /// For example `wasm32-wasip1`.
        target: String,
        /// What `rustup` said; empty where there is no `rustup`.
        output: String,
    },
    /// The compiler refused the project; its words went out as events.
    #[error("`{package}` does not compile for `{target}`{}", colon(hint.as_deref().unwrap_or_default()))]
    Compile {
        /// The Cargo package.
        package: String,
        /// The Rust target.
        target: String,
        /// What usually is behind such an error, where it was recognised.
        hint: Option<String>,
    },
    /// cargo succeeded and named no module.
    #[error("cargo built `{package}` and named no module for its binary `{bin}`")]
    NoArtifact {
        /// The Cargo package.
        package: String,
        /// The binary.
        bin: String,
    },
    /// The crate `mpp` from crates.io.
    #[error("`{package}` depends on the crate `mpp`, which on crates.io belongs to another protocol")]
    OtherProtocol {
        /// The Cargo package.
        package: String,
    },
    /// A crate that opens sockets.
    #[error("`{package}` pulls in `{found}`, which opens sockets, and the sandbox has none{}", via_sentence(via))]
    NetworkCrate {
        /// The Cargo package.
        package: String,
        /// The crate that was found.
        found: String,
        /// The way from the tool to it.
        via: Vec<String>,
    },
    /// The project's own build command failed.
    #[error("the build command `{command}` failed ({status}); it ran in `{}`", dir.display())]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// Where it ran.
        dir: PathBuf,
    },
    /// The module is not where the manifest says.
    #[error("the module `{}` cannot be read", path.display())]
    NoModule {
        /// Where it was expected.
        path: PathBuf,
        /// The build command that was to make it.
        command: Option<String>,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The built file is not a module.
    #[error("`{}` is not a module", path.display())]
    NotWasm {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StripError,
    },
    /// The module did not say which tools it has.
    #[error("`{name}` does not answer `tools/list`: {}{}", source.message, log_of(source))]
    Describe {
        /// The package.
        name: String,
        /// What the sandbox saw.
        source: DescribeError,
    },
    /// No tools anywhere.
    #[error("`{name}` has no tools")]
    NoTools {
        /// The package.
        name: String,
        /// Whether it is a Cargo project.
        cargo: bool,
    },
    /// `manifest.json` and the module disagree.
    #[error("the tool definitions in `{}` are not the module's:\n{}", file.display(), differences.join("\n"))]
    DefinitionsDiffer {
        /// The manifest.
        file: PathBuf,
        /// One line a difference: place, what the manifest says, what the module says.
        differences: Vec<String>,
    },
    /// The finished manifest breaks a rule.
    #[error("the manifest of `{name}` is not valid: {source}")]
    Manifest {
        /// The package.
        name: String,
        /// Which rule and where.
        source: ManifestError,
    },
    /// An asset that cannot be packed.
    #[error("asset `{asset}`: {reason}")]
    Asset {
        /// The pattern or path.
        asset: String,
        /// Why not.
        reason: String,
    },
    /// The archive cannot be made.
    #[error("the package of `{name}` cannot be written: {source}")]
    Pack {
        /// The package.
        name: String,
        /// Why.
        source: WriteError,
    },
    /// Two builds of the same sources differ.
    #[error("not reproducible: building `{name}` in `{}` gave other bytes; {difference}", dir.display())]
    NotReproducible {
        /// The package.
        name: String,
        /// The copy.
        dir: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// A path dependency outside the project.
    #[error("`{package}` depends on `{dependency}` by a path outside the project (`{}`), so its bytes depend on where that is", path.display())]
    OutsideProject {
        /// The Cargo package.
        package: String,
        /// The dependency.
        dependency: String,
        /// Where it is.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl Coded for BuildError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NoDirectory { .. } | Self::NoProject { .. } => &codes::B001,
            Self::ChooseMember { .. } => &codes::B002,
            Self::NoSuchMember { .. } => &codes::B003,
            Self::NoBinary { .. } => &codes::B004,
            Self::ChooseBinary { .. } | Self::NoSuchBinary { .. } => &codes::B005,
            Self::Key { .. } => &codes::B006,
            Self::CargoMetadata { .. } => &codes::B007,
            Self::ProgramMissing { .. } => &codes::B010,
            Self::TargetMissing { .. } => &codes::B011,
            Self::Compile { .. } | Self::NoArtifact { .. } => &codes::B012,
            Self::OtherProtocol { .. } => &codes::B013,
            Self::NetworkCrate { .. } => &codes::B014,
            Self::Command { .. } => &codes::B015,
            Self::NoModule { .. } | Self::NotWasm { .. } => &codes::B016,
            Self::Describe { .. } => &codes::B020,
            Self::NoTools { .. } => &codes::B021,
            Self::DefinitionsDiffer { .. } => &codes::B022,
            Self::Manifest { .. } => &codes::B023,
            Self::Asset { .. } => &codes::B024,
            Self::Pack { .. } => &codes::B025,
            Self::NotReproducible { .. } => &codes::B030,
            Self::OutsideProject { .. } => &codes::B031,
            Self::Write { .. } => &codes::B040,
            Self::Read { .. } => &codes::B041,
            Self::Interrupted => &codes::B042,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NoDirectory { .. } => "name an existing directory: `cargo mpp build DIR`".to_owned(),
            Self::NoProject { .. } => "start one with `cargo mpp new NAME`, or name its directory: `cargo mpp build DIR`".to_owned(),
            Self::ChooseMember { tools, .. } => match tools.first() {
                Some(first) => format!("choose one with `-p {first}`, or build all of them with `--workspace`"),
                None => "a member is a tool when it depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
            },
            Self::NoSuchMember { tools, .. } => match tools.is_empty() {
                true => "no member of this workspace is a tool: one depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
                false => format!("its tools are {}", list(tools)),
            },
            Self::NoBinary { .. } => "add `src/main.rs` with `fn main() { mpp::serve() }`; tools of the library are found when it says `use LIBRARY as _;`".to_owned(),
            Self::ChooseBinary { bins, .. } | Self::NoSuchBinary { bins, .. } => {
                let first = bins.first().map_or("NAME", String::as_str);
                format!("say which in Cargo.toml: `bin = \"{first}\"` under `[package.metadata.mpp]` (or `default-run` under `[package]`); for a second tool program make a second package")
            }
            Self::Key { error, .. } => error.help.clone(),
            Self::CargoMetadata { output, .. } if names_missing_sdk(output) => MISSING_SDK.to_owned(),
            Self::CargoMetadata { .. } => "correct `Cargo.toml` until `cargo metadata` passes".to_owned(),
            Self::ProgramMissing { program, .. } if program.contains("cargo") => "install Rust from https://rustup.rs, then try again".to_owned(),
            Self::ProgramMissing { program, .. } => format!("install `{program}` or put it on the PATH"),
            Self::TargetMissing { target, output } if output.is_empty() => format!("`rustup` is not installed, so add the target in the way your Rust came (a package named like `rust-std-{target}`), or install Rust from https://rustup.rs"),
            Self::TargetMissing { target, .. } => format!("run `rustup target add {target}` where there is a network, then try again"),
            Self::Compile { .. } => "the compiler's messages above say where; `mpp explain MPP-B012` lists the usual reasons why code compiles natively and not for the sandbox".to_owned(),
            Self::NoArtifact { .. } => "this is a bug of ours: please report it with the output of `cargo mpp build -v`".to_owned(),
            Self::OtherProtocol { .. } => "write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`".to_owned(),
            Self::NetworkCrate { found, .. } => format!("remove `{found}` from the tool, or make it optional and leave its feature out of `features` in `[package.metadata.mpp]`: there are no sockets in the sandbox; a tool calls its declared hosts with `mpp::http` (`mpp::http::get(url).send()?`)"),
            Self::Command { .. } => "its output above says why; correct `build.command` in manifest.json".to_owned(),
            Self::NoModule { command: Some(_), .. } => "the build command ended well and did not make this file: correct `build.output` in manifest.json".to_owned(),
            Self::NoModule { command: None, .. } => "put the module there, name another file in `build.output` of manifest.json, or give a `build.command` that makes it".to_owned(),
            Self::NotWasm { .. } => "a package carries a preview-1 command module (`wasm32-wasip1`)".to_owned(),
            Self::Describe { .. } => "`main` must call `mpp::serve()` (or `tool_handler`) and need no file, variable or network before it: definitions are read without any capability".to_owned(),
            Self::NoTools { cargo: true, .. } => "annotate a function of the program with `#[mpp::tool]`; tools of a library crate are linked when `main.rs` says `use LIBRARY as _;` or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`; with `tool_handler`, write `tool_definitions` in a `manifest.json` beside Cargo.toml".to_owned(),
            Self::NoTools { cargo: false, .. } => "write `tool_definitions` in manifest.json, or let the module answer `tools/list`".to_owned(),
            Self::DefinitionsDiffer { .. } => "leave `tool_definitions` out of manifest.json (they are taken from the module), or correct them".to_owned(),
            Self::Manifest { source, .. } => source.help.clone(),
            Self::Asset { .. } => "`assets` under `[package.metadata.mpp]` lists files, directories or patterns like `data/*.json` inside the project".to_owned(),
            Self::Pack { .. } => "`mpp explain MPP-G201` lists the limits of a package".to_owned(),
            Self::NotReproducible { .. } => "look for what puts the place or the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a build script, a time stamp".to_owned(),
            Self::OutsideProject { .. } => "move it into the workspace, or vendor a copy inside the project".to_owned(),
            Self::Write { source, .. } | Self::Read { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => "the disk is full; nothing half-written was left behind".to_owned(),
            Self::Write { source, .. } | Self::Read { source, .. } => format!("the system says: {source}"),
            Self::Interrupted => String::new(),
        }
    }
}

pub(crate) const MISSING_SDK: &str = "`mpp-sdk` is not on crates.io yet: `cargo mpp new NAME` writes a project that carries it in `vendor/mpp`; copy that directory and `.cargo/config.toml` into this project";

pub(crate) fn names_missing_sdk(output: &str) -> bool {
    ["no matching package named `mpp-sdk`", "no matching package named `mpp-testkit`"]
        .iter()
        .any(|s| output.contains(s))
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
    }
}

fn tools_sentence(tools: &[String]) -> String {
    match tools {
        [] => "none of its members is a tool".to_owned(),
        _ => format!("its tools are {}", list(tools)),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

fn colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", text.trim_end()) }
}

/// What the module wrote to stderr and where it crashed, below the message.
fn log_of(error: &DescribeError) -> String {
    error.log.lines().chain(error.backtrace.iter().map(String::as_str)).map(|line| format!("\n  {line}")).collect()
}

fn via_sentence(via: &[String]) -> String {
    if via.len() < 2 { String::new() } else { format!(" ({})", via.join(" → ")) }
}
