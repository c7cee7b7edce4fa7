//! Access to declared files and directories, which are opened once, when they are granted.
//!
//! A declared directory is held open; each call receives it under the guest's name, without write permission if only `read`
//! is declared. A declared file is copied into a private directory for each call, so that the guest sees that file but not
//! its neighbours; a writable file is written back as a whole when the call has succeeded.

mod copies;
mod private_dir;

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use super::access_log::Place;
use super::effects::Effects;
use crate::package::manifest::Filesystem;
use copies::FileCopies;
pub(crate) use copies::PutBackError;
use private_dir::PrivateDir;

/// A declared path and the path that it maps to on this machine, as shown for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedPath {
    /// Path as the guest sees it.
    pub guest: String,
    /// Resolved path on this machine.
    pub host: PathBuf,
    /// Whether the tool may write to it.
    pub writable: bool,
    /// Whether it is a single file, not a directory.
    pub is_file: bool,
}

/// The error returned when a path cannot be granted.
#[derive(Debug)]
pub(crate) struct PathFault {
    pub(crate) guest: String,
    pub(crate) host: PathBuf,
    /// What is wrong, without the cause.
    pub(crate) reason: String,
    /// The operating system's error, if it refused the path.
    pub(crate) source: Option<io::Error>,
}

/// What is wrong with a path: a sentence about it, and the operating system's error if there is one.
struct Reason(String, Option<io::Error>);

impl Reason {
    fn of(self, guest: impl Into<String>, host: impl Into<PathBuf>) -> PathFault {
        PathFault { guest: guest.into(), host: host.into(), reason: self.0, source: self.1 }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Self("cannot be opened".to_owned(), Some(error))
    }
}

/// The files and directories that one grant holds.
#[derive(Debug)]
pub(crate) struct Files {
    paths: Vec<MappedPath>,
    dirs: Vec<HeldDir>,
    copies: FileCopies,
    /// An empty directory that stands for the root, through which the host sees undeclared paths; `None` if `/` is declared.
    root: Option<PrivateDir>,
}

#[derive(Debug)]
struct HeldDir {
    guest: String,
    dir: File,
    writable: bool,
}

/// Returns each declared path once, with whether it is writable.
pub(crate) fn declared(filesystem: &Filesystem) -> Vec<(&str, bool)> {
    let mut paths: Vec<(&str, bool)> = filesystem.write.iter().map(|path| (path.as_str(), true)).collect();
    for path in &filesystem.read {
        if !paths.iter().any(|(known, _)| known == path) {
            paths.push((path, false));
        }
    }
    paths.sort_unstable();
    paths
}

impl Files {
    /// Opens the paths in `mappings` (guest path, path on this machine, writable). Private copies are made under `scratch`.
    /// `needs_root` is whether undeclared paths are seen also if there are no mappings, as a component needs it.
    pub(crate) fn open(
        mappings: Vec<(String, PathBuf, bool)>,
        scratch: &Path,
        needs_root: bool,
    ) -> Result<Self, PathFault> {
        let mut files = Self { paths: Vec::new(), dirs: Vec::new(), copies: FileCopies::new(scratch), root: None };
        for (guest, given, writable) in mappings {
            files.add(&guest, &given, writable).map_err(|reason| reason.of(guest, given))?;
        }
        files.refuse_overlaps()?;
        let is_root = |path: &MappedPath| match path.is_file {
            true => copies::split_guest(&path.guest).0 == "/",
            false => path.guest.trim_end_matches('/').is_empty(),
        };
        if (needs_root || !files.paths.is_empty()) && !files.paths.iter().any(is_root) {
            let guest = files.paths.first().map_or("/", |first| &*first.guest);
            let fault = |error| Reason::from(error).of(guest, scratch);
            files.root = Some(PrivateDir::make(scratch).map_err(fault)?);
        }
        Ok(files)
    }

    fn add(&mut self, guest: &str, given: &Path, writable: bool) -> Result<(), Reason> {
        let host = given.canonicalize()?;
        let metadata = host.metadata()?;
        let is_file = metadata.is_file();
        if is_file {
            self.copies.add(guest, &host, writable)?;
        } else if metadata.is_dir() {
            let dir = File::open(&host)?;
            self.dirs.push(HeldDir { guest: guest.to_owned(), dir, writable });
        } else {
            return Err(Reason("is neither a regular file nor a directory".to_owned(), None));
        }
        self.paths.push(MappedPath { guest: guest.to_owned(), host, writable, is_file });
        Ok(())
    }

    /// Rejects a file whose parent directory is declared too: the file's private directory would hide that directory.
    fn refuse_overlaps(&self) -> Result<(), PathFault> {
        for path in self.paths.iter().filter(|path| path.is_file) {
            let (parent, _) = copies::split_guest(&path.guest);
            if self.dirs.iter().any(|dir| dir.guest.trim_end_matches('/') == parent) {
                let reason =
                    format!("is a file in `{parent}`, which is also declared as a directory: declare one of them");
                return Err(Reason(reason, None).of(&*path.guest, &*path.host));
            }
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns whether any path is writable, so that a call can leave changes behind.
    pub(crate) fn any_writable(&self) -> bool {
        self.paths.iter().any(|path| path.writable)
    }

    pub(crate) fn paths(&self) -> &[MappedPath] {
        &self.paths
    }

    /// Returns whether a call has a view of the file system.
    pub(crate) fn has_view(&self) -> bool {
        self.root.is_some() || !self.paths.is_empty()
    }

    /// Prepares the view of the file system for one call. The copies of files are deleted when it is dropped.
    pub(crate) fn for_call(&self) -> Result<CallFiles<'_>, PathFault> {
        let mut builder = WasiCtxBuilder::new();
        // Operations run on the call's own thread; see `wasi`.
        builder.allow_blocking_current_thread(true);
        for held in &self.dirs {
            let perms = if held.writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
            let opened = builder.preopened_dir(held.path(), &held.guest, perms);
            opened.map_err(|error| not_opened(error).of(&*held.guest, self.host_of(&held.guest)))?;
        }
        let copies = self.copies.make().map_err(|(guest, error)| {
            let host = self.host_of(&guest);
            Reason::from(error).of(guest, host)
        })?;
        for (guest, dir, writable) in copies.dirs() {
            let perms = if writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
            builder.preopened_dir(dir, guest, perms).map_err(|error| not_opened(error).of(guest, dir))?;
        }
        if let Some(root) = &self.root {
            let opened = builder.preopened_dir(root.path(), "/", FsPerms::ReadOnly);
            opened.map_err(|error| not_opened(error).of("/", root.path()))?;
        }
        let places = self.places(&copies, self.root.is_some());
        Ok(CallFiles {
            may_block: !self.paths.is_empty(),
            context: builder.build().filesystem().clone(),
            places,
            copies,
            #[cfg(feature = "in-process")]
            files: self,
        })
    }

    /// Returns the directories that the guest's descriptors refer to, in the order of the descriptors.
    fn places(&self, copies: &copies::Copies<'_>, has_root: bool) -> Arc<[Place]> {
        let files = copies.dirs().map(|(parent, ..)| {
            let files =
                self.paths.iter().filter(|path| path.is_file).map(|path| (copies::split_guest(&path.guest), path));
            let files = files.filter(|((known, _), _)| *known == parent);
            let files = files.map(|((_, name), path)| (name.to_owned(), path.guest.clone())).collect();
            Place::Files { parent: parent.to_owned(), files }
        });
        let dirs = self.dirs.iter().map(|dir| Place::Directory { guest: dir.guest.clone(), writable: dir.writable });
        dirs.chain(files).chain(has_root.then_some(Place::Root)).collect()
    }

    fn host_of(&self, guest: &str) -> PathBuf {
        self.paths.iter().find(|path| path.guest == guest).map(|path| path.host.clone()).unwrap_or_default()
    }
}

/// One call's view of the file system.
pub(crate) struct CallFiles<'a> {
    /// Whether there are files, so that an operation on one may block.
    pub(crate) may_block: bool,
    pub(crate) context: WasiFilesystemCtx,
    pub(crate) places: Arc<[Place]>,
    copies: copies::Copies<'a>,
    #[cfg(feature = "in-process")]
    files: &'a Files,
}

impl CallFiles<'_> {
    /// Returns each guest path with its path on this machine: declared directories, and those with copies of declared files.
    #[cfg(feature = "in-process")]
    pub(crate) fn on_this_machine(&self) -> Vec<(String, PathBuf)> {
        let dirs = self.files.paths.iter().filter(|path| !path.is_file);
        let dirs = dirs.map(|path| (path.guest.clone(), path.host.clone()));
        dirs.chain(self.copies.dirs().map(|(guest, dir, _)| (guest.to_owned(), dir.to_owned()))).collect()
    }

    /// Writes changed copies of writable files back, each one atomically.
    pub(crate) fn put_back(&self, effects: &Effects) -> Result<(), PutBackError> {
        self.copies.put_back(effects)
    }
}

impl HeldDir {
    /// Returns a path to the open directory, which stays the same even if its original path now leads elsewhere.
    fn path(&self) -> PathBuf {
        PathBuf::from(format!("/dev/fd/{}", self.dir.as_raw_fd()))
    }
}

fn not_opened(error: wasmtime::Error) -> Reason {
    Reason::from(error.downcast::<io::Error>().unwrap_or_else(io::Error::other))
}

impl PathFault {
    /// Describes what is wrong, with the cause, in plain words for those that users are most likely to see.
    pub(crate) fn sentence(&self) -> String {
        match &self.source {
            None => self.reason.clone(),
            Some(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
            Some(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "cannot be opened by this user".to_owned()
            }
            Some(error) => format!("{}: {error}", self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, declared};
    use crate::package::manifest::Filesystem;
    use std::path::PathBuf;

    #[test]
    fn a_writable_path_is_readable_and_opened_once() {
        let filesystem = Filesystem { read: vec!["/b".to_owned(), "/a".to_owned()], write: vec!["/a".to_owned()] };
        assert_eq!(declared(&filesystem), [("/a", true), ("/b", false)]);
    }

    #[test]
    fn refuses_missing_paths_and_overlapping_mappings() {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::write(root.path().join("x.csv"), "x").expect("a file");
        let open = |mappings: &[(&str, PathBuf)]| {
            let mappings = mappings.iter().map(|(guest, host)| ((*guest).to_owned(), host.clone(), false)).collect();
            Files::open(mappings, root.path(), false).map_err(|fault| fault.sentence())
        };
        let missing = open(&[("/data", root.path().join("none"))]);
        assert_eq!(missing.err().as_deref(), Some("does not exist"));
        let overlap = open(&[("/data", root.path().to_owned()), ("/data/x.csv", root.path().join("x.csv"))]);
        assert!(overlap.err().is_some_and(|reason| reason.contains("declare one of them")));
        assert!(open(&[("/data", root.path().to_owned()), ("/other/x.csv", root.path().join("x.csv"))]).is_ok());
        let device = open(&[("/null", PathBuf::from("/dev/null"))]);
        assert_eq!(device.err().as_deref(), Some("is neither a regular file nor a directory"));
    }
}
