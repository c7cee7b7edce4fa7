//! The errors of a build, with a stable code and a help text for each.

use std::path::PathBuf;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::host::DescribeError;
use mpp_host::package::manifest::ManifestError;
use mpp_host::package::writer::WriteError;

use crate::codes;
use crate::project::keys::KeyError;
use crate::strip::StripError;

/// An error returned when a project cannot be found or its package cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The given path is not a directory that can be read.
    #[error("`{}` is not a directory that can be read", dir.display())]
    NoDirectory {
        /// The given path.
        dir: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// The directory and its parents contain neither `Cargo.toml` nor `manifest.json`.
    #[error("no project found in `{}` or its parent directories: expected a `Cargo.toml` or a `manifest.json`", dir.display())]
    NoProject {
        /// The directory where the search started.
        dir: PathBuf,
    },
    /// The workspace has several tools, or none, and no member was chosen.
    #[error("`{}` is a workspace, and no package was chosen; {}", root.display(), tools_sentence(tools))]
    ChooseMember {
        /// The root of the workspace.
        root: PathBuf,
        /// Names of the members that are tools.
        tools: Vec<String>,
    },
    /// The workspace has no member with the given name.
    #[error("the workspace has no package `{name}`{}", did_you_mean(nearest.as_deref()))]
    NoSuchMember {
        /// The given name.
        name: String,
        /// The most similar name of a member.
        nearest: Option<String>,
        /// Names of the members that are tools.
        tools: Vec<String>,
    },
    /// The Cargo package has no binary.
    #[error("package `{package}` has no binary: a tool is a program whose `main` calls `mpp::serve()`")]
    NoBinary {
        /// Name of the Cargo package.
        package: String,
    },
    /// The Cargo package has several binaries, and none was chosen.
    #[error("package `{package}` has several binaries ({}), and none was chosen", list(bins))]
    ChooseBinary {
        /// Name of the Cargo package.
        package: String,
        /// Names of its binaries.
        bins: Vec<String>,
    },
    /// The Cargo package has no binary with the chosen name.
    #[error("package `{package}` has no binary `{name}`; its binaries are {}", list(bins))]
    NoSuchBinary {
        /// Name of the Cargo package.
        package: String,
        /// The chosen name.
        name: String,
        /// Names of its binaries.
        bins: Vec<String>,
    },
    /// A key in `Cargo.toml` or `manifest.json` is unknown, or its value has the wrong type.
    #[error("{}: {error}", file.display())]
    Key {
        /// Path of the file.
        file: PathBuf,
        /// The key and what is wrong with it.
        error: KeyError,
    },
    /// `cargo metadata` failed.
    #[error("cargo cannot read the project in `{}`:\n{}", dir.display(), output.trim_end())]
    CargoMetadata {
        /// The directory in which cargo ran.
        dir: PathBuf,
        /// The output of cargo.
        output: String,
    },
    /// A required program cannot be started.
    #[error("cannot start `{program}`")]
    ProgramMissing {
        /// Name of the program, for example `cargo`.
        program: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The Rust target is not installed and could not be added.
    #[error("the Rust target `{target}` is not installed and could not be added{}", colon(output))]
    TargetMissing {
        /// Name of the target, for example `wasm32-wasip1`.
        target: String,
        /// The output of `rustup`; empty if `rustup` is not installed.
        output: String,
    },
    /// The project does not compile. The compiler's messages were reported as events.
    #[error("`{package}` does not compile for `{target}`{}", colon(hint.as_deref().unwrap_or_default()))]
    Compile {
        /// Name of the Cargo package.
        package: String,
        /// The Rust target.
        target: String,
        /// The likely cause, if the error was recognized.
        hint: Option<String>,
    },
    /// cargo succeeded but reported no module.
    #[error("cargo built `{package}` but reported no module for its binary `{bin}`")]
    NoArtifact {
        /// Name of the Cargo package.
        package: String,
        /// Name of the binary.
        bin: String,
    },
    /// The project depends on the unrelated crate `mpp` from crates.io.
    #[error("`{package}` depends on the crate `mpp` from crates.io, which belongs to another protocol")]
    OtherProtocol {
        /// Name of the Cargo package.
        package: String,
    },
    /// The project depends on a crate that opens sockets.
    #[error(
        "`{package}` depends on `{found}`, which opens sockets, but the sandbox has no sockets{}",
        via_sentence(via)
    )]
    NetworkCrate {
        /// Name of the Cargo package.
        package: String,
        /// Name of the crate that opens sockets.
        found: String,
        /// The chain of dependencies that leads to it.
        via: Vec<String>,
    },
    /// The project's own build command failed.
    #[error("the build command `{command}` failed ({status}); it ran in `{}`", dir.display())]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: String,
        /// The directory in which it ran.
        dir: PathBuf,
    },
    /// The module is not at the path that the manifest states.
    #[error("cannot read the module `{}`", path.display())]
    NoModule {
        /// The expected path.
        path: PathBuf,
        /// The build command that should have created it.
        command: Option<String>,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// The built file is not a WebAssembly module.
    #[error("`{}` is not a WebAssembly module", path.display())]
    NotWasm {
        /// Path of the file.
        path: PathBuf,
        /// The reason.
        source: StripError,
    },
    /// The module did not return its tool definitions.
    #[error("`{name}` does not answer `tools/list`")]
    Describe {
        /// Name of the package.
        name: String,
        /// The error of the sandbox.
        source: DescribeError,
    },
    /// Neither the module nor the manifest defines a tool.
    #[error("`{name}` has no tools")]
    NoTools {
        /// Name of the package.
        name: String,
        /// Whether the project is a Cargo project.
        cargo: bool,
    },
    /// The tool definitions in `manifest.json` contradict those of the module.
    #[error("the tool definitions in `{}` contradict those of the module:\n{}", file.display(), differences.join("\n"))]
    DefinitionsDiffer {
        /// Path of the manifest.
        file: PathBuf,
        /// One line for each difference: the place, the manifest's value and the module's value.
        differences: Vec<String>,
    },
    /// The generated manifest is invalid.
    #[error("the manifest of `{name}` is invalid")]
    Manifest {
        /// Name of the package.
        name: String,
        /// The violated rule and the place.
        source: ManifestError,
    },
    /// An asset cannot be packed.
    #[error("the asset `{asset}` cannot be packed")]
    Asset {
        /// The pattern or path.
        asset: String,
        /// The reason.
        source: BoxedError,
    },
    /// The archive cannot be written.
    #[error("cannot pack `{name}`")]
    Pack {
        /// Name of the package.
        name: String,
        /// The reason.
        source: WriteError,
    },
    /// Two builds of the same sources produced different packages.
    #[error("not reproducible: building `{name}` in `{}` produced different bytes; {difference}", dir.display())]
    NotReproducible {
        /// Name of the package.
        name: String,
        /// The directory of the second build.
        dir: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// The project has a path dependency outside its workspace.
    #[error("`{package}` has the path dependency `{dependency}` outside the workspace (`{}`), so the package would depend on its location", path.display())]
    OutsideProject {
        /// Name of the Cargo package.
        package: String,
        /// Name of the dependency.
        dependency: String,
        /// Path of the dependency.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// The build was cancelled.
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
            Self::NoDirectory { .. } => "name a directory that exists".to_owned(),
            Self::NoProject { .. } => "create a project, or name the directory of an existing one".to_owned(),
            Self::ChooseMember { tools, .. } => match tools.first() {
                Some(first) => format!("choose one of them, for example `{first}`, or build all of them"),
                None => "a member is a tool if it depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
            },
            Self::NoSuchMember { tools, .. } => match tools.is_empty() {
                true => "no member of this workspace is a tool: a tool depends on `mpp-sdk` or has `[package.metadata.mpp]`".to_owned(),
                false => format!("its tools are {}", list(tools)),
            },
            Self::NoBinary { .. } => "add `src/main.rs` with `fn main() { mpp::serve() }`; tools of the library are found if it contains `use LIBRARY as _;`".to_owned(),
            Self::ChooseBinary { bins, .. } | Self::NoSuchBinary { bins, .. } => {
                let first = bins.first().map_or("NAME", String::as_str);
                format!("choose one in Cargo.toml with `bin = \"{first}\"` under `[package.metadata.mpp]` (or `default-run` under `[package]`); a second tool program needs a second package")
            }
            Self::Key { error, .. } => error.help.clone(),
            Self::CargoMetadata { output, .. } if names_missing_sdk(output) => MISSING_SDK.to_owned(),
            Self::CargoMetadata { .. } => "correct `Cargo.toml` until `cargo metadata` passes".to_owned(),
            Self::ProgramMissing { program, .. } if program.contains("cargo") => "install Rust from https://rustup.rs, then try again".to_owned(),
            Self::ProgramMissing { program, .. } => format!("install `{program}` or put it on the PATH"),
            Self::TargetMissing { target, output } if output.is_empty() => format!("`rustup` is not installed: add the target with the package manager that installed Rust (a package named like `rust-std-{target}`), or install Rust from https://rustup.rs"),
            Self::TargetMissing { target, .. } => format!("run `rustup target add {target}` with network access, then try again"),
            Self::Compile { .. } => "the compiler's messages above name the place; code that compiles natively but not for the sandbox usually needs threads, sockets, processes or C libraries".to_owned(),
            Self::NoArtifact { .. } => "this is an internal error; please report it with the output of the build".to_owned(),
            Self::OtherProtocol { .. } => "write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`".to_owned(),
            Self::NetworkCrate { found, .. } => format!("remove `{found}` from the tool, or make it optional and leave its feature out of `features` in `[package.metadata.mpp]`: there are no sockets in the sandbox; a tool calls its declared hosts with `mpp::http` (`mpp::http::get(url).send()?`)"),
            Self::Command { .. } => "the output above shows why; correct `build.command` in manifest.json".to_owned(),
            Self::NoModule { command: Some(_), .. } => "the build command succeeded but did not write this file: correct `build.output` in manifest.json".to_owned(),
            Self::NoModule { command: None, .. } => "put the module there, name another file in `build.output` of manifest.json, or add a `build.command` that produces it".to_owned(),
            Self::NotWasm { .. } => "a package contains a preview 1 command module (`wasm32-wasip1`)".to_owned(),
            Self::Describe { .. } => "`main` must call `mpp::serve()` (or `tool_handler`) without needing a file, a variable or the network before: definitions are read without any capability".to_owned(),
            Self::NoTools { cargo: true, .. } => "annotate a function of the program with `#[mpp::tool]`; tools of a library crate are linked if `main.rs` contains `use LIBRARY as _;` or `mpp::serve_tools(mpp::tools![LIBRARY::tool])`; with `tool_handler`, write `tool_definitions` in a `manifest.json` beside Cargo.toml".to_owned(),
            Self::NoTools { cargo: false, .. } => "write `tool_definitions` in manifest.json, or let the module answer `tools/list`".to_owned(),
            Self::DefinitionsDiffer { .. } => "remove `tool_definitions` from manifest.json (they are taken from the module), or correct them".to_owned(),
            Self::Manifest { source, .. } => source.help.clone(),
            Self::Asset { .. } => "`assets` under `[package.metadata.mpp]` lists files, directories or patterns like `data/*.json` inside the project".to_owned(),
            Self::Pack { .. } => "pack fewer or smaller assets".to_owned(),
            Self::NotReproducible { .. } => "look for what puts the directory or the time of the build into the program: `env!(\"CARGO_MANIFEST_DIR\")`, a build script, a time stamp".to_owned(),
            Self::OutsideProject { .. } => "move it into the workspace, or keep a copy inside the project".to_owned(),
            Self::Write { source, .. } | Self::Read { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => "the disk is full; no partial file was left behind".to_owned(),
            Self::Write { .. } | Self::Read { .. } | Self::Interrupted => String::new(),
        }
    }
}

pub(crate) const MISSING_SDK: &str = "`mpp-sdk` is not on crates.io yet: a newly created project contains it in `vendor/mpp`; copy that directory and `.cargo/config.toml` into this project";

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

fn via_sentence(via: &[String]) -> String {
    if via.len() < 2 { String::new() } else { format!(" ({})", via.join(" → ")) }
}
