//! The trusted publishers, in `trust` of the home directory: one JSON file each.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mpp_host::clock::rfc3339;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::PublicKey;
use mpp_host::trust::TrustedPublisher;

use crate::error::HomeError;
use crate::files::{self, FileError};

/// The trusted publishers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publishers {
    dir: PathBuf,
}

impl Publishers {
    pub(crate) fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The trusted publishers, sorted by file name.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn list(&self) -> Result<Vec<TrustedPublisher>, HomeError> {
        files::list("the trusted publishers", &self.dir, "json")?.iter().map(|path| read(path)).collect()
    }

    /// Trusts a publisher. One that is trusted already gets the new name, and the new prefixes in addition to the old ones.
    ///
    /// # Errors
    /// Returns an error if the files cannot be read or written.
    pub fn add(&self, publisher: TrustedPublisher) -> Result<TrustedPublisher, HomeError> {
        let known = self.list()?.into_iter().find(|known| known.key == publisher.key && known.role == publisher.role);
        let publisher = match known {
            Some(mut known) => {
                known.name = publisher.name;
                let new: Vec<String> =
                    publisher.prefixes.into_iter().filter(|prefix| !known.prefixes.contains(prefix)).collect();
                known.prefixes.extend(new);
                known
            }
            None => publisher,
        };
        files::write_json(&self.file(&publisher), &publisher)?;
        Ok(publisher)
    }

    /// Stops trusting a publisher.
    ///
    /// # Errors
    /// Returns an error if the file cannot be removed.
    pub fn remove(&self, publisher: &TrustedPublisher) -> Result<(), HomeError> {
        Ok(files::remove(&self.file(publisher))?)
    }

    /// The publisher of a package, trusted from `now` on for this package id only.
    #[must_use]
    pub fn of_package(package: &VerifiedPackage, now: SystemTime) -> TrustedPublisher {
        let manifest = package.manifest();
        let (name, prefixes) = (&manifest.publisher.name, [&manifest.package_id]);
        let mut publisher = TrustedPublisher::new(*package.publisher_key(), name, prefixes, rfc3339(now));
        publisher.role = package.key_id().role();
        publisher
    }

    /// A publisher whose key is known, trusted from `now` on.
    #[must_use]
    pub fn of_key(key: PublicKey, name: String, prefixes: Vec<String>, now: SystemTime) -> TrustedPublisher {
        TrustedPublisher::new(key, name, prefixes, rfc3339(now))
    }

    fn file(&self, publisher: &TrustedPublisher) -> PathBuf {
        self.dir.join(format!("{}.json", publisher.key_id()))
    }
}

fn read(path: &Path) -> Result<TrustedPublisher, HomeError> {
    let bytes = std::fs::read(path).map_err(|source| FileError::read("a trusted publisher", path, source))?;
    serde_json::from_slice(&bytes).map_err(|error| HomeError::damaged(path, error))
}
