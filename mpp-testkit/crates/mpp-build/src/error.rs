//! The errors of a build, with a stable code and a help text for each.

mod blocked;
mod help;

use std::path::{Path, PathBuf};

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
pub use mpp_host::foreign::ForeignTarget;
use mpp_host::host::DescribeError;
use mpp_host::package::manifest::ManifestError;
use mpp_host::package::writer::WriteError;

pub use self::blocked::BlockReason;
use crate::cargo_failure::CargoFailure;
use crate::codes;
use crate::project::keys::KeyError;
use crate::project::place::Place;
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
    /// The message is the place; the source says what is wrong there.
    #[error("{}{}", file.display(), at(source.place))]
    Key {
        /// Path of the file.
        file: PathBuf,
        /// The key and what is wrong with it.
        source: KeyError,
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
    /// cargo stopped before or beside compiling.
    #[error("cannot build `{project}`: {failure}{}", block(output))]
    Cargo {
        /// Name of the Cargo package, or the directory of the project.
        project: String,
        /// The reason.
        failure: CargoFailure,
        /// The output of cargo; empty if it was reported as events.
        output: String,
    },
    /// cargo stopped for a reason that is not known. Its messages were reported as events.
    #[error("cargo stopped before it compiled `{project}`: {message}")]
    CargoStopped {
        /// Name of the Cargo package.
        project: String,
        /// The first error of cargo.
        message: String,
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
    /// The project depends on a crate that cannot work in a tool.
    #[error("`{package}` depends on `{found}`, {}{}", blocked::because(reason), via_sentence(via))]
    BlockedCrate {
        /// Name of the Cargo package.
        package: String,
        /// Name of the crate.
        found: String,
        /// The chain of dependencies that leads to it.
        via: Vec<String>,
        /// The reason why it cannot work.
        reason: BlockReason,
        /// What to use instead, as a sentence.
        instead: &'static str,
    },
    /// The project's own build command failed.
    #[error("the build command `{command}` failed ({status}){} in `{}`{}", if output.is_empty() { " and printed nothing" } else { "" }, dir.display(), block(output))]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: String,
        /// The directory in which it ran.
        dir: PathBuf,
        /// The end of its output. All of it was reported as events as well.
        output: String,
    },
    /// The programs or libraries that a language needs are not installed.
    #[error("this machine cannot compile {language} for the sandbox: {missing}")]
    ToolchainMissing {
        /// The language, for example `Go`.
        language: &'static str,
        /// What is missing, in words.
        missing: String,
        /// How to install it.
        install: String,
    },
    /// A compiler is older than the first version that can compile for the sandbox.
    #[error("`{}` is {found}, which is too old for tools in {language}: expected {needed} or newer", program.display())]
    ToolchainTooOld {
        /// The language, for example `Go`.
        language: &'static str,
        /// Path of the program.
        program: PathBuf,
        /// Its version.
        found: String,
        /// The first usable version.
        needed: String,
        /// How to install a newer one.
        install: String,
    },
    /// The compiler of a language other than Rust failed. Its messages were reported as events.
    #[error("`{project}` does not compile: {program} failed ({status})")]
    CompileFailed {
        /// Name of the package.
        project: String,
        /// The program that failed.
        program: String,
        /// Its exit status.
        status: String,
    },
    /// A program in JavaScript needs a module of Node.
    #[error("`{project}` needs the module `{module}` of Node, which does not exist in the sandbox")]
    NodeModule {
        /// Name of the package.
        project: String,
        /// The name of the module.
        module: String,
    },
    /// The JavaScript engine does not take the script.
    #[error("the JavaScript engine cannot use the script of `{project}`")]
    Script {
        /// Name of the package.
        project: String,
        /// The reason, with the author's file and line if there is one.
        source: BoxedError,
    },
    /// A Python module that the tool imports is not available in the sandbox.
    #[error("`{project}` imports the Python module `{module}`{}, which is not available: {reason}", place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default())]
    PythonModule {
        /// Name of the package.
        project: String,
        /// Name of the module.
        module: String,
        /// The author's line that imports it, if it is known.
        place: Option<String>,
        /// The reason.
        reason: String,
    },
    /// A project in another language has no `manifest.json`.
    #[error("`{}` is a project in {language} (it contains `{file}`), but has no `manifest.json`", dir.display())]
    NoManifest {
        /// The directory.
        dir: PathBuf,
        /// The language.
        language: &'static str,
        /// The file by which it was recognised.
        file: String,
    },
    /// The module was compiled for another target.
    #[error("`{}` is {target}{}; expected {}", path.display(), it_imports(import.as_deref()), target.expected())]
    WrongTarget {
        /// Path of the file.
        path: PathBuf,
        /// What the file is.
        target: ForeignTarget,
        /// The first import that no host provides, if there is one.
        import: Option<String>,
    },
    /// The module is not at the path that the manifest states.
    #[error("cannot read the module `{}`{}", path.display(), written_instead(elsewhere.as_deref()))]
    NoModule {
        /// The expected path.
        path: PathBuf,
        /// The build command that should have created it.
        command: Option<String>,
        /// The module that the command wrote to another place, if it did.
        elsewhere: Option<PathBuf>,
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
    #[error("{}the manifest of `{name}` is invalid", in_file(place.as_ref()))]
    Manifest {
        /// Name of the package.
        name: String,
        /// The violated rule and the place in the manifest.
        source: ManifestError,
        /// The file from which the value was taken, and the place in it, if they are known.
        place: Option<(PathBuf, Place)>,
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

impl BuildError {
    /// Creates the error of a key in the TOML file `file`, and finds its place there.
    pub(crate) fn key(file: &Path, error: KeyError) -> Self {
        let error = match std::fs::read_to_string(file) {
            Ok(text) => error.placed(&text),
            Err(_) => error,
        };
        Self::Key { file: file.to_owned(), source: error }
    }
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
            Self::Cargo { failure, .. } => failure.code(),
            Self::CargoStopped { .. } => &codes::B060,
            Self::BlockedCrate { reason: BlockReason::Sockets, .. } => &codes::B014,
            Self::BlockedCrate { reason: BlockReason::NativeCode, .. } => &codes::B017,
            Self::BlockedCrate { reason: BlockReason::Features(_), .. } => &codes::B018,
            Self::Command { .. } => &codes::B015,
            Self::NoModule { .. } | Self::NotWasm { .. } => &codes::B016,
            Self::ToolchainMissing { .. } => &codes::B080,
            Self::ToolchainTooOld { .. } => &codes::B081,
            Self::CompileFailed { .. } => &codes::B082,
            Self::PythonModule { .. } => &codes::B087,
            Self::NoManifest { .. } => &codes::B083,
            Self::WrongTarget { .. } => &codes::B084,
            Self::NodeModule { .. } => &codes::B085,
            Self::Script { .. } => &codes::B086,
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
        help::of(self)
    }
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

fn written_instead(elsewhere: Option<&Path>) -> String {
    elsewhere.map(|path| format!("; the build command wrote `{}`", path.display())).unwrap_or_default()
}

fn it_imports(import: Option<&str>) -> String {
    import.map(|import| format!(" (it imports `{import}`)")).unwrap_or_default()
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

fn at(place: Option<Place>) -> String {
    place.map(|place| format!(":{place}")).unwrap_or_default()
}

fn in_file(place: Option<&(PathBuf, Place)>) -> String {
    place.map(|(file, place)| format!("{}:{place}: ", file.display())).unwrap_or_default()
}

/// Returns the output of a program, to be appended to a message.
fn block(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(":\n{}", output.trim_end()) }
}
