//! The package: bytes, archive, manifest, limits.
//!
//! The way through: [`writer::pack`] makes an [`UnsignedPackage`], [`crate::signature::sign`] makes [`PackageBytes`],
//! and whoever receives bytes starts from an [`UnverifiedPackage`].

pub(crate) mod archive;
mod bytes;
pub(crate) mod entry_name;
pub(crate) mod fault;
mod hash;
pub(crate) mod inflate;
pub mod json;
pub(crate) mod layout;
pub mod limits;
pub mod manifest;
#[cfg(feature = "tamper")]
pub mod tamper;
pub mod writer;

pub use bytes::{PackageBytes, UnverifiedPackage};
pub use hash::ContentHash;
pub(crate) use hash::sha256;
#[cfg(feature = "sandbox")]
pub(crate) use hash::unhex;
pub(crate) use hex::encode as hex;
pub use limits::Limits;
pub use manifest::{Manifest, ManifestError};
pub use writer::{UnsignedPackage, WriteError, pack};

/// The name of the manifest's entry; always the first.
pub const MANIFEST: &str = "manifest.json";
/// The name of the signature's entry; always the last.
pub const SIGNATURE: &str = "signature.json";
