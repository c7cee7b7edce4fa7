//! The client of registries: pinned registries, verified reads, and the changes that a publisher signs.
//!
//! A [`Registry`] is a root key and an origin, wherever it is served. [`Registry::refresh`] returns a [`View`] of its log: the largest
//! tree that was proved to extend every tree seen before. [`Registry::prove`] proves that a version is a leaf of that tree, and
//! [`Registry::package`] returns bytes that have the hash in that leaf. Whether they may run is decided as for any package file.
//!
//! A registry that lags behind is not an error as long as what is needed can be proved. A registry that contradicts what it has
//! signed is an [`Alarm`], whose evidence is stored.

mod alarm;
mod changes;
mod checkpoint;
mod config;
mod download;
mod error;
mod evidence;
mod finding;
mod guard;
mod http;
mod leaf;
mod lock;
mod memory;
mod package_dir;
mod private;
mod registry;
mod remote;
mod revocations;
mod spec;
mod transport;
mod versions;

pub use alarm::{Alarm, Contradiction, SignedState};
pub use changes::{Change, Upload, find};
pub use config::{Authorization, Config, ConfigError, RegistryEntry};
pub use error::ClientError;
pub use evidence::keep as keep_evidence;
pub use finding::SearchQuery;
pub use guard::{Guarded, REFRESH};
pub use http::{HttpError, HttpOptions, HttpTransport, same_server};
pub use lock::{LockError, LockFile, LockedDelegation, LockedPackage};
pub use package_dir::PackageDir;
pub use registry::{Registry, View};
pub use remote::{Remote, Retry};
pub use revocations::{Freshness, RevocationList};
pub(crate) use revocations::{contradiction, state as listed, went_back};
pub use spec::{PackageSpec, SpecError, parse_exact};
pub use transport::{OnProgress, Request, Response, Transport, TransportError};
pub use versions::{ProvenVersion, choose};

pub use semver::{Version, VersionReq};

#[cfg(test)]
mod tests;
