//! Progress reports of a running build; the caller decides which of them to show.

use std::path::PathBuf;

use crate::author_flags::UnusedFlag;
use crate::cargo::unsupported::UnsupportedApi;

/// A step of a build or a line of its output, reported in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The Rust target is missing and will be added through `rustup`.
    AddingTarget {
        /// Name of the target, for example `wasm32-wasip1`.
        target: String,
    },
    /// A line that `rustup` printed while adding the target.
    RustupLine(String),
    /// Compiler flags of the author are not used for the module.
    FlagsUnused {
        /// The variable that sets the flags, or `cargo's configuration`.
        source: String,
        /// The flags, each with the reason.
        flags: Vec<UnusedFlag>,
    },
    /// The compiler starts: the nested `cargo build`, or that of another language.
    Compiling {
        /// Name of the package.
        package: String,
        /// The target.
        target: String,
    },
    /// Some of the crates are compiled. Reported only if [`BuildOptions::progress`](crate::BuildOptions::progress) is set.
    Progress {
        /// Number of crates and build scripts that are done.
        done: u64,
        /// Number of all of them.
        total: u64,
        /// What is being compiled, for example `serde, syn`.
        what: String,
    },
    /// A line of the nested cargo's progress and diagnostics, unchanged.
    CargoLine(String),
    /// The module contains code of the standard library that compiles and fails at run time.
    Unsupported {
        /// The part of the standard library.
        api: UnsupportedApi,
    },
    /// The project's own build command starts.
    RunningCommand {
        /// The command line, from `build.command`.
        command: String,
    },
    /// A line that the project's build command printed.
    CommandLine(String),
    /// The project's build command ended well and did not touch its output, but wrote another module.
    OutputUntouched {
        /// Path of the output, which is older than the build.
        output: PathBuf,
        /// Path of the module that the command wrote.
        written: PathBuf,
    },
    /// A line that the compiler of a language other than Rust printed.
    CompilerLine(String),
    /// The new module is about to be run in a sandbox, without any capability, to obtain its tool definitions.
    Describing {
        /// Size of the stripped module in bytes.
        module_bytes: u64,
    },
    /// The archive is about to be written.
    Packing {
        /// Number of entries, without the manifest.
        entries: usize,
    },
    /// The sources were copied and are about to be built in another directory.
    BuildingCopy {
        /// Directory of the copy.
        dir: PathBuf,
    },
}
