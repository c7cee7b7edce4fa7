//! Temporary files and directories that a test provides for declared paths.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::package::manifest::Filesystem;
use mpp_sdk::wire::did_you_mean;
use tempfile::TempDir;

use crate::failure::{Failure, listed};

/// The directories and files to create, by their guest paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilesPlan {
    dirs: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
}

/// Temporary directories that exist as long as the tool.
#[derive(Debug, Clone, Default)]
pub(crate) struct TempDirs {
    /// Guest paths and their paths on this machine.
    pub(crate) mappings: BTreeMap<String, PathBuf>,
    dirs: Vec<Arc<TempDir>>,
}

impl FilesPlan {
    /// A plan with these directories and files.
    pub(crate) fn new(dirs: Vec<String>, files: Vec<(String, Vec<u8>)>) -> Self {
        Self { dirs, files }
    }

    pub(crate) fn add_dir(&mut self, guest: String) {
        self.dirs.push(guest);
    }

    pub(crate) fn add_file(&mut self, guest: String, contents: Vec<u8>) {
        self.files.push((guest, contents));
    }

    /// Creates the directories and the files in them.
    pub(crate) fn create(&self, declared: &Filesystem) -> Result<TempDirs, Failure> {
        let mut created = TempDirs::default();
        for guest in &self.dirs {
            if !paths(declared).any(|path| path == guest) {
                return Err(undeclared(guest, declared));
            }
            created.dir(guest).map_err(|error| not_created(guest, &error))?;
        }
        for (guest, contents) in &self.files {
            let declared = declared_path(guest, declared)?;
            created.file(declared, guest, contents).map_err(|error| not_created(guest, &error))?;
        }
        Ok(created)
    }
}

impl TempDirs {
    /// Returns the temporary directory for a declared one.
    fn dir(&mut self, guest: &str) -> io::Result<PathBuf> {
        if let Some(path) = self.mappings.get(guest) {
            return Ok(path.clone());
        }
        let path = self.create()?;
        self.mappings.insert(guest.to_owned(), path.clone());
        Ok(path)
    }

    fn file(&mut self, declared: &str, guest: &str, contents: &[u8]) -> io::Result<()> {
        let rest = guest[declared.len()..].trim_start_matches('/');
        if rest.is_empty() {
            // The declared path is this file. The temporary one has the same name, in a directory of its own.
            let path = self.create()?.join(guest.rsplit('/').next().unwrap_or(guest));
            fs::write(&path, contents)?;
            self.mappings.insert(declared.to_owned(), path);
            return Ok(());
        }
        let path = self.dir(declared)?.join(rest);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, contents)
    }

    fn create(&mut self) -> io::Result<PathBuf> {
        let dir = tempfile::Builder::new().prefix("mpp-testkit-").tempdir()?;
        let path = dir.path().to_owned();
        self.dirs.push(Arc::new(dir));
        Ok(path)
    }
}

fn paths(declared: &Filesystem) -> impl Iterator<Item = &str> {
    declared.read.iter().chain(&declared.write).map(String::as_str)
}

/// Returns the declared path that is `guest` or contains it.
fn declared_path<'a>(guest: &str, declared: &'a Filesystem) -> Result<&'a str, Failure> {
    let contains = |path: &&str| guest == *path || guest.strip_prefix(*path).is_some_and(|rest| rest.starts_with('/'));
    let is_plain = !guest.split('/').any(|part| matches!(part, "." | ".."));
    let found = paths(declared).filter(contains).max_by_key(|path| path.len());
    found.filter(|_| is_plain).ok_or_else(|| undeclared(guest, declared))
}

fn undeclared(guest: &str, declared: &Filesystem) -> Failure {
    Failure::new(
        format!(
            "the test provides `{guest}`, which the manifest does not declare{}",
            did_you_mean(guest, paths(declared))
        ),
        format!("paths declared under `capabilities.filesystem`: {}", listed(paths(declared))),
    )
}

fn not_created(guest: &str, error: &io::Error) -> Failure {
    Failure::new(format!("cannot create a temporary file or directory for `{guest}`: {error}"), "")
}
