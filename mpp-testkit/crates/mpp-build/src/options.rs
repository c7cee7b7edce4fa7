//! Options of a build.

use std::path::PathBuf;

use mpp_host::CancelHandle;

use crate::author_flags::AuthorFlags;

/// Options of a build.
///
/// By default, cargo may use the network, and the project's own settings apply.
///
/// ```
/// let mut options = mpp_build::BuildOptions::default();
/// options.offline = true;
/// options.features.push("extra".to_owned());
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BuildOptions {
    /// Name of the binary to build, overriding the project's setting.
    pub bin: Option<String>,
    /// Cargo features to enable in addition to those in `[package.metadata.mpp]`.
    pub features: Vec<String>,
    /// Target directory to use instead of cargo's default.
    pub target_dir: Option<PathBuf>,
    /// Forbids cargo to use the network.
    pub offline: bool,
    /// Fails if `Cargo.lock` would have to change.
    pub locked: bool,
    /// Combines `offline` and `locked`.
    pub frozen: bool,
    /// Whether cargo colours its output.
    pub color: bool,
    /// Stops the build when it is cancelled.
    pub cancel: CancelHandle,
    /// Whether to report [`Event::Progress`](crate::Event::Progress).
    pub progress: bool,
    /// The engine that runs tools in JavaScript, to which a script is added. Without it, such projects cannot be built.
    pub js_engine: Option<&'static [u8]>,
    /// The author's compiler flags, if they are known from an earlier build of the same sources.
    pub(crate) author_flags: Option<AuthorFlags>,
}
