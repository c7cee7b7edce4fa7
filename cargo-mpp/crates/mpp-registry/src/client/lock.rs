//! Lock files: the exact versions that were installed, each with the registry, hashes, key and leaf that it was checked against.

use std::path::{Path, PathBuf};

use mpp_host::PublicKey;
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::package::ContentHash;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::codes;
use crate::note::VerifierKey;
use crate::protocol::{Digest, PackageId};

/// The version of the format of lock files.
const FORMAT: u32 = 1;
const HEAD: &str = "# This file pins the installed packages. It is written by the program; do not edit it by hand.\n";

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LockFile {
    format: u32,
    /// The packages, sorted by id.
    #[serde(default, rename = "package")]
    pub packages: Vec<LockedPackage>,
}

/// A package that is pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LockedPackage {
    /// Id of the package.
    pub package_id: PackageId,
    /// The version.
    pub version: Version,
    /// The requirement that the version was chosen for; `*` if there was none.
    pub requirement: String,
    /// Root key of the registry; its name is the origin. Absent for packages of OCI registries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<VerifierKey>,
    /// The place in an OCI registry, `oci://HOST/NAMESPACE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci: Option<String>,
    /// Digest of the manifest in an OCI registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci_manifest: Option<Digest>,
    /// Index of the leaf that published the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf_index: Option<u64>,
    /// Hash of the archive without its signature.
    pub content_hash: ContentHash,
    /// Hash of the whole archive.
    pub archive_hash: Digest,
    /// Size of the archive in bytes.
    pub archive_size: u64,
    /// The key that signed the package.
    pub publisher_key: PublicKey,
    /// The delegation under which the version was published, if the key is not an owner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<LockedDelegation>,
}

/// The delegation of a pinned package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LockedDelegation {
    /// The owner for whom the key published.
    pub owner: PublicKey,
    /// Index of the delegation's leaf.
    pub leaf_index: u64,
}

impl LockedDelegation {
    /// A delegation by `owner` in the leaf `leaf_index`.
    #[must_use]
    pub fn new(owner: PublicKey, leaf_index: u64) -> Self {
        Self { owner, leaf_index }
    }
}

impl LockedPackage {
    /// Pins a version that was published in a leaf of a registry's log.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "one argument for each field")]
    pub fn in_log(
        package_id: PackageId,
        version: Version,
        requirement: String,
        registry: VerifierKey,
        leaf_index: u64,
        content_hash: ContentHash,
        archive: (Digest, u64),
        publisher_key: PublicKey,
    ) -> Self {
        Self {
            package_id,
            version,
            requirement,
            registry: Some(registry),
            oci: None,
            oci_manifest: None,
            leaf_index: Some(leaf_index),
            content_hash,
            archive_hash: archive.0,
            archive_size: archive.1,
            publisher_key,
            delegation: None,
        }
    }

    /// Pins a version of an OCI registry.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "one argument for each field")]
    pub fn in_oci(
        package_id: PackageId,
        version: Version,
        requirement: String,
        place: String,
        manifest: Digest,
        content_hash: ContentHash,
        archive: (Digest, u64),
        publisher_key: PublicKey,
    ) -> Self {
        Self {
            package_id,
            version,
            requirement,
            registry: None,
            oci: Some(place),
            oci_manifest: Some(manifest),
            leaf_index: None,
            content_hash,
            archive_hash: archive.0,
            archive_size: archive.1,
            publisher_key,
            delegation: None,
        }
    }

    /// Returns what names the registry: its origin, or the place in an OCI registry.
    #[must_use]
    pub fn registry_name(&self) -> Option<&str> {
        self.registry.as_ref().map(VerifierKey::name).or(self.oci.as_deref())
    }

    /// Returns the owner for whom the package was published: the delegating owner, or the key that signed it.
    #[must_use]
    pub fn owner(&self) -> &PublicKey {
        self.delegation.as_ref().map_or(&self.publisher_key, |delegation| &delegation.owner)
    }
}

/// An error of a lock file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The file is not a lock file.
    #[error("the lock file is damaged")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BoxedError,
    },
    /// The file has a later format.
    #[error("the lock file has the format {found}, and this release knows the format {FORMAT}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The format.
        found: u64,
    },
}

impl LockError {
    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Malformed { path, .. } | Self::Format { path, .. } => path,
        }
    }
}

impl Coded for LockError {
    fn code(&self) -> &'static Code {
        &codes::N043
    }
}

impl Default for LockFile {
    fn default() -> Self {
        Self { format: FORMAT, packages: Vec::new() }
    }
}

impl LockFile {
    /// Parses the lock file at `path`.
    ///
    /// # Errors
    /// Returns a [`LockError`]. Unknown keys are errors, and so is a package that occurs twice.
    pub fn parse(text: &str, path: &Path) -> Result<Self, LockError> {
        let malformed = |source: BoxedError| LockError::Malformed { path: path.to_owned(), source };
        // A later format can have other members, so its number is read first.
        let table: toml::Table = toml::from_str(text).map_err(|error| malformed(error.to_string().into()))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if format == i64::from(FORMAT) => {}
            Some(found) => {
                return Err(LockError::Format { path: path.to_owned(), found: found.try_into().unwrap_or(u64::MAX) });
            }
            None => return Err(malformed("it has no `format`".into())),
        }
        let file: Self = toml::from_str(text).map_err(|error| malformed(error.to_string().into()))?;
        for (number, package) in file.packages.iter().enumerate() {
            let id = &package.package_id;
            if file.packages[..number].iter().any(|other| other.package_id == *id) {
                return Err(malformed(format!("`{id}` occurs twice").into()));
            }
            if package.registry.is_some() == package.oci.is_some()
                || package.registry.is_some() != package.leaf_index.is_some()
            {
                return Err(malformed(
                    format!("`{id}` has neither a registry with a leaf nor a place in an OCI registry").into(),
                ));
            }
        }
        Ok(file)
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        // The values are text, numbers and tables, which TOML can write.
        format!("{HEAD}{}", toml::to_string(self).unwrap_or_default())
    }

    /// Returns the package with this id.
    #[must_use]
    pub fn find(&self, package_id: &PackageId) -> Option<&LockedPackage> {
        self.packages.iter().find(|package| package.package_id == *package_id)
    }

    /// Adds a package, in place of another version of it, and returns that version.
    pub fn put(&mut self, package: LockedPackage) -> Option<LockedPackage> {
        let before = self.take(&package.package_id);
        self.packages.push(package);
        self.packages.sort_by(|a, b| a.package_id.cmp(&b.package_id));
        before
    }

    /// Removes and returns a package.
    pub fn take(&mut self, package_id: &PackageId) -> Option<LockedPackage> {
        let at = self.packages.iter().position(|package| package.package_id == *package_id)?;
        Some(self.packages.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mpp_host::keys::{KeyRole, SigningKey};
    use mpp_host::package::ContentHash;
    use semver::Version;

    use super::{LockError, LockFile, LockedDelegation, LockedPackage};
    use crate::note::{Algorithm, VerifierKey};
    use crate::protocol::{Digest, PackageId};

    fn package(id: &str) -> LockedPackage {
        let key = SigningKey::from_seed(&[3; 32], KeyRole::Publisher).public();
        let registry = VerifierKey::new("a.example/log", Algorithm::Ed25519, key).expect("a key");
        let hash = ContentHash::parse(&Digest::of(b"content").to_string()).expect("a hash");
        let id = PackageId::parse(id).expect("an id");
        let archive = (Digest::of(b"archive"), 7);
        LockedPackage::in_log(id, Version::new(1, 2, 3), "^1".to_owned(), registry, 5, hash, archive, key)
    }

    #[test]
    fn reads_what_it_writes_in_the_order_of_the_ids() {
        let mut file = LockFile::default();
        file.put(package("com.example.b"));
        let mut delegated = package("com.example.a");
        delegated.delegation = Some(LockedDelegation::new(delegated.publisher_key, 3));
        file.put(delegated);
        assert!(file.put(package("com.example.b")).is_some());
        let text = file.to_text();
        assert_eq!(LockFile::parse(&text, Path::new("mpp.lock")).expect("valid"), file);
        let ids: Vec<_> = file.packages.iter().map(|package| package.package_id.as_str()).collect();
        assert_eq!(ids, ["com.example.a", "com.example.b"]);
        assert!(text.starts_with("# "), "{text}");
    }

    #[test]
    fn refuses_damaged_files_and_later_formats() {
        let mut file = LockFile::default();
        file.put(package("com.example.a"));
        let text = file.to_text();
        let path = Path::new("mpp.lock");
        let later = text.replace("format = 1", "format = 2\nnew = true");
        assert!(matches!(LockFile::parse(&later, path), Err(LockError::Format { found: 2, .. })));
        let entry = text.split_once("[[package]]").expect("an entry").1;
        for bad in [
            text.replace("format = 1\n", ""),
            text.replace("sha256:", "sha1:"),
            text.replace("leaf_index = 5\n", ""),
            text.replace("version =", "ver ="),
            format!("{text}\n[[package]]{entry}"),
            "x".to_owned(),
        ] {
            assert!(matches!(LockFile::parse(&bad, path), Err(LockError::Malformed { .. })), "{bad}");
        }
    }
}
