//! The package format: bytes, archive, manifest and limits.
//!
//! [`writer::pack`] returns an [`UnsignedPackage`], and [`crate::signature::sign`] turns it into [`PackageBytes`]. A
//! recipient wraps the bytes in an [`UnverifiedPackage`] and passes it to the
//! [`Gatekeeper`](crate::gatekeeper::Gatekeeper).

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

/// The name of the manifest's entry, which is always the first.
pub const MANIFEST: &str = "manifest.json";
/// The name of the signature's entry, which is always the last.
pub const SIGNATURE: &str = "signature.json";
