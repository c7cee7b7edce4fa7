//! How to build: the choices that a command line or a test makes.

use std::path::PathBuf;

use crate::process::Cancel;

/// How to build. The default builds what the project says, with the network where cargo needs it.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// The binary, instead of the one that the project names.
    pub bin: Option<String>,
    /// Cargo features besides those of `[package.metadata.mpp]`.
    pub features: Vec<String>,
    /// Another target directory than cargo's own.
    pub target_dir: Option<PathBuf>,
    /// `cargo build --offline`.
    pub offline: bool,
    /// `cargo build --locked`.
    pub locked: bool,
    /// `cargo build --frozen`.
    pub frozen: bool,
    /// Whether cargo colours its lines.
    pub color: bool,
    /// Stops the build when it is set.
    pub cancel: Cancel,
}
