//! Packages in OCI registries: `oci://HOST/NAMESPACE` instead of a registry with a log.
//!
//! Each package is a repository, `NAMESPACE/ID`, and each version an artifact: a tag (the version without its build metadata) that
//! names a manifest of the type [`ARTIFACT_TYPE`], whose only layer is the `.mpp` file. The publisher's signature is inside the
//! package, so that nothing refers to it.
//!
//! An OCI registry has no log and does not decide between two clients: tags can be moved. What protects a client is the
//! publisher's signature and key, and the lock file, which pins the digest of the manifest and the hash of the content.

mod address;
mod artifact;
mod error;
mod registry;
mod search;
#[cfg(all(test, feature = "server"))]
mod tests;

pub use address::OciAddress;
pub use artifact::{ARTIFACT_TYPE, annotation};
pub use error::OciError;
pub use registry::{Credentials, Fetched, OciOptions, OciPublished, OciRegistry};
pub use search::{OciFound, OciSearch};
