//! From a tool's source to package bytes, for `cargo mpp build` and for `mpp-testkit` alike.
//!
//! [`Project::find`] reads what the author wrote, [`build`] makes an unsigned package of it, [`check_repro`] builds the
//! same sources again elsewhere and compares. Prints nothing: progress is [`Event`]s, failures are [`BuildError`]s with
//! a code and a help text. Never call it from a build script: the nested cargo would wait for the outer one for ever.
#![forbid(unsafe_code)]

mod assets;
mod build;
mod cargo;
pub mod codes;
mod describe;
mod error;
mod event;
mod manifest;
mod options;
mod process;
mod project;
mod repro;
mod strip;
mod trim;

pub use build::{Built, build};
pub use error::BuildError;
pub use event::Event;
pub use options::BuildOptions;
pub use process::Cancel;
pub use project::{Dev, KeyError, Project};
pub use repro::{Reproduced, check_repro};
pub use strip::StripError;

/// The name and version of what builds, for the attestation.
fn builder() -> String {
    format!("cargo-mpp {}", env!("CARGO_PKG_VERSION"))
}
