//! Files of a case, in temporary directories in place of the declared ones.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mpp_host::package::manifest::Filesystem;
use mpp_host::sandbox::MappedPath;
use mpp_host::wire::did_you_mean;
use mpp_recording::difference::member;
use tempfile::TempDir;

use crate::error::NotPrepared;

/// The declared paths, each with its place on this machine.
pub(super) struct GivenFiles {
    mappings: BTreeMap<String, PathBuf>,
    _dirs: Vec<TempDir>,
}

impl GivenFiles {
    /// Creates the files. A declared path without files of the case is that of the project's own settings, or an empty directory.
    pub(super) fn create(
        given: &BTreeMap<String, String>,
        declared: &Filesystem,
        own: &BTreeMap<String, PathBuf>,
    ) -> Result<Self, NotPrepared> {
        let mut files = Self { mappings: BTreeMap::new(), _dirs: Vec::new() };
        for (guest, text) in given {
            let pointer = || member("/given/files", guest);
            let root = declared_path(guest, declared).ok_or_else(|| {
                let meant = did_you_mean(guest, paths(declared));
                NotPrepared::new(pointer(), format!("the manifest does not declare `{guest}`{meant}"))
            })?;
            let written = files.write(root, guest, text);
            written.map_err(|error| NotPrepared::new(pointer(), format!("`{guest}` cannot be created: {error}")))?;
        }
        for guest in paths(declared) {
            if files.mappings.contains_key(guest) {
                continue;
            }
            let host = match own.get(guest) {
                Some(host) => host.clone(),
                None => {
                    files.dir().map_err(|error| NotPrepared::new("", format!("no temporary directory: {error}")))?
                }
            };
            files.mappings.insert(guest.to_owned(), host);
        }
        Ok(files)
    }

    pub(super) fn mappings(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.mappings.iter().map(|(guest, host)| (guest.as_str(), host.as_path()))
    }

    fn write(&mut self, root: &str, guest: &str, text: &str) -> io::Result<()> {
        let rest = guest[root.len()..].trim_start_matches('/');
        if rest.is_empty() {
            // The declared path is this file.
            let path = self.dir()?.join(guest.rsplit('/').next().unwrap_or(guest));
            fs::write(&path, text)?;
            self.mappings.insert(root.to_owned(), path);
            return Ok(());
        }
        let dir = match self.mappings.get(root) {
            Some(dir) => dir.clone(),
            None => {
                let dir = self.dir()?;
                self.mappings.insert(root.to_owned(), dir.clone());
                dir
            }
        };
        let path = dir.join(rest);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)
    }

    fn dir(&mut self) -> io::Result<PathBuf> {
        let dir = tempfile::Builder::new().prefix("mpp-case-").tempdir()?;
        let path = dir.path().to_owned();
        self._dirs.push(dir);
        Ok(path)
    }
}

fn paths(declared: &Filesystem) -> impl Iterator<Item = &str> {
    declared.read.iter().chain(&declared.write).map(String::as_str)
}

/// Returns the declared path that is `guest` or contains it.
fn declared_path<'a>(guest: &str, declared: &'a Filesystem) -> Option<&'a str> {
    let contains = |path: &&str| guest == *path || guest.strip_prefix(*path).is_some_and(|rest| rest.starts_with('/'));
    let is_plain = !guest.split('/').any(|part| matches!(part, "." | ".."));
    paths(declared).filter(contains).filter(|_| is_plain).max_by_key(|path| path.len())
}

/// Reads a file after the call, by the path that the tool uses.
pub(super) fn read(mapped: &[MappedPath], guest: &str) -> Option<String> {
    let contains = |path: &str| guest == path || guest.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let path = mapped.iter().filter(|path| contains(&path.guest)).max_by_key(|path| path.guest.len())?;
    let rest = guest[path.guest.len()..].trim_start_matches('/');
    let host = if rest.is_empty() { path.host.clone() } else { path.host.join(rest) };
    fs::read(host).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
