//! Builds MPP packages from source: finds a project, compiles it in its language, derives its manifest and packs the result.
//!
//! Both the command-line program and the test kit use this crate, so that they produce the same bytes. [`Project::find`] reads a
//! project,
//! [`build()`] makes an unsigned package, and [`check_repro`] checks that the build is reproducible:
//!
//! ```no_run
//! use mpp_build::{BuildOptions, Project};
//!
//! let project = Project::find("my-tool".as_ref())?;
//! let host = mpp_host::Host::builder().build()?;
//! let built = mpp_build::build(&project, &BuildOptions::default(), &host, &mut |event| eprintln!("{event:?}"))?;
//! println!("{}: {} bytes", built.file_stem(), built.unsigned.bytes().len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate prints nothing. It reports progress as [`Event`]s and failures as [`BuildError`]s with a code and a help
//! text. Do not use it in a build script: its nested cargo would wait for the outer one forever.
#![forbid(unsafe_code)]

mod assets;
mod author_flags;
mod build;
mod cargo;
mod cargo_failure;
pub mod codes;
mod describe;
mod error;
mod event;
mod libraries;
mod manifest;
mod options;
mod process;
mod project;
mod repro;
mod strip;
mod toolchain;
mod trim;

pub use author_flags::UnusedFlag;
pub use build::{Built, build};
pub use cargo::unsupported::UnsupportedApi;
pub use cargo_failure::CargoFailure;
pub use error::{BlockReason, BuildError, ForeignTarget};
pub use event::Event;
pub use libraries::ENTRY as SBOM_ENTRY;
pub use mpp_host::CancelHandle;
pub use options::BuildOptions;
pub use project::{DevMappings, KeyError, Place, Project};
pub use repro::{Reproduced, check_repro};
pub use strip::StripError;
pub use toolchain::{Finding, FindingState, INSTALL_RUST, Language, has_cargo, language_names, languages};

/// Returns the name and version of the builder, for the attestation in the signature.
fn builder() -> String {
    format!("cargo-mpp {}", env!("CARGO_PKG_VERSION"))
}
