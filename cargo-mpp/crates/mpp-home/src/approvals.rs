//! The approved packages, in `trust/approved` of the home directory: one JSON file for each package and key.

use std::path::{Path, PathBuf};

use mpp_host::keys::{KeyRole, PublicKey};
use mpp_host::policy::Approval;

use crate::error::HomeError;
use crate::files::{self, FileError};

const WHAT: &str = "what you approved";

/// The approved packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    dir: PathBuf,
}

impl Approvals {
    pub(crate) fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// What was approved of the package with this id and key.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read; a damaged file approves nothing.
    pub fn load(&self, package_id: &str, key: &PublicKey) -> Result<Option<Approval>, HomeError> {
        let path = self.file(package_id, key);
        let Some(bytes) = files::read_if_present(WHAT, &path)? else { return Ok(None) };
        Ok(Some(parse(&path, &bytes)?).filter(|known| known.is_for(package_id, key)))
    }

    /// Everything that was approved of packages with this key, sorted by package id.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn by_key(&self, key: &PublicKey) -> Result<Vec<Approval>, HomeError> {
        let mut found = Vec::new();
        for path in files::list(WHAT, &self.dir, "json")? {
            let bytes = std::fs::read(&path).map_err(|error| FileError::read(WHAT, &path, error))?;
            found.push(parse(&path, &bytes)?);
        }
        found.retain(|approval| approval.key == *key);
        found.sort_by(|a, b| a.package_id.cmp(&b.package_id));
        Ok(found)
    }

    /// Saves an approval and replaces an earlier one of the same package and key.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn save(&self, approval: &Approval) -> Result<(), HomeError> {
        Ok(files::write_json(&self.file(&approval.package_id, &approval.key), approval)?)
    }

    /// Removes what was approved of the package with this id and key.
    pub(crate) fn remove(&self, package_id: &str, key: &PublicKey) -> Result<(), HomeError> {
        Ok(files::remove(&self.file(package_id, key))?)
    }

    /// Removes everything that was approved of packages with this key.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or removed.
    pub fn forget(&self, key: &PublicKey) -> Result<(), HomeError> {
        for approval in self.by_key(key)? {
            files::remove(&self.file(&approval.package_id, key))?;
        }
        Ok(())
    }

    /// The file is named after the package and the key id; the whole key in the file decides.
    fn file(&self, package_id: &str, key: &PublicKey) -> PathBuf {
        let id = key.id(KeyRole::Publisher);
        self.dir.join(format!("{package_id}.{}.json", id.as_str().trim_start_matches("pub_")))
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Approval, HomeError> {
    serde_json::from_slice(bytes).map_err(|error| HomeError::damaged(path, error))
}
