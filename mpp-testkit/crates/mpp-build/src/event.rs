//! What a build reports while it runs; whoever started it decides what is shown.

use std::path::PathBuf;

/// One step or line of a build, in the order in which they happen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The Rust target is missing and is being added through `rustup`.
    AddingTarget {
        /// For example `wasm32-wasip1`.
        target: String,
    },
    /// A line that `rustup` printed while adding the target.
    RustupLine(String),
    /// The nested `cargo build` starts.
    Compiling {
        /// The Cargo package.
        package: String,
        /// The Rust target.
        target: String,
    },
    /// A line of the nested cargo's progress and diagnostics, as cargo wrote it.
    CargoLine(String),
    /// The project's own build command starts.
    RunningCommand {
        /// The command line from `build.command`.
        command: String,
    },
    /// A line that the build command printed.
    CommandLine(String),
    /// The fresh module is asked for its tool definitions, in the sandbox and without any capability.
    Describing {
        /// Size of the stripped module.
        module_bytes: u64,
    },
    /// The archive is being made.
    Packing {
        /// Entries besides the manifest.
        entries: usize,
    },
    /// The same sources are built again under another path.
    BuildingCopy {
        /// The copy.
        dir: PathBuf,
    },
}
