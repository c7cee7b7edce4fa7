//! Private copies of declared files for each call, which are written back when the call has succeeded.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
use sha2::{Digest, Sha256};

use super::private_dir::PrivateDir;
use crate::sandbox::effects::{Effects, UNRECORDED};

/// Maximum size of a declared file, in bytes. A larger file is too expensive to copy for each call.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The declared files of a grant.
#[derive(Debug)]
pub(super) struct FileCopies {
    scratch: PathBuf,
    files: Vec<Declared>,
}

/// A declared file. Its parent directory is held open, so that later changes to the path have no effect.
#[derive(Debug)]
struct Declared {
    guest: String,
    parent: OwnedFd,
    name: String,
    writable: bool,
}

/// The copies of one call.
pub(super) struct Copies<'a> {
    dirs: Vec<(String, PrivateDir, bool)>,
    written: Vec<Written<'a>>,
}

struct Written<'a> {
    declared: &'a Declared,
    copy: PathBuf,
    before: [u8; 32],
    mode: u32,
}

/// The error returned when a changed file cannot be written back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tool's change to the file `{guest}` could not be written back: {reason}")]
pub(crate) struct PutBackError {
    pub(crate) guest: String,
    pub(crate) reason: String,
}

/// Splits a guest path into the directory and the file's name.
pub(super) fn split_guest(guest: &str) -> (&str, &str) {
    match guest.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((parent, name)) => (parent, name),
        None => (".", guest),
    }
}

impl FileCopies {
    pub(super) fn new(scratch: &Path) -> Self {
        Self { scratch: scratch.to_owned(), files: Vec::new() }
    }

    /// Adds a declared file. `host` is the resolved path of an existing file.
    pub(super) fn add(&mut self, guest: &str, host: &Path, writable: bool) -> io::Result<()> {
        let (Some(parent), Some(name)) = (host.parent(), host.file_name().and_then(|name| name.to_str())) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let parent = OwnedFd::from(File::open(parent)?);
        let declared = Declared { guest: guest.to_owned(), parent, name: name.to_owned(), writable };
        declared.open()?;
        self.files.push(declared);
        Ok(())
    }

    /// Makes fresh copies of all files. An error includes the guest path of the file.
    pub(super) fn make(&self) -> Result<Copies<'_>, (String, io::Error)> {
        let mut copies = Copies { dirs: Vec::new(), written: Vec::new() };
        for declared in &self.files {
            copies.add(declared, &self.scratch).map_err(|error| (declared.guest.clone(), error))?;
        }
        Ok(copies)
    }
}

impl Declared {
    /// Opens the current file. Fails if it is a link, not a regular file, or too large.
    fn open(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(&self.parent, &self.name, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("is no longer a regular file"));
        }
        if metadata.len() > LARGEST {
            return Err(io::Error::other("is larger than 256 MiB; declare its directory instead"));
        }
        Ok(file)
    }
}

impl<'a> Copies<'a> {
    /// Returns each guest directory, the directory that holds its copies, and whether any of them is writable.
    pub(super) fn dirs(&self) -> impl Iterator<Item = (&str, &Path, bool)> {
        self.dirs.iter().map(|(guest, dir, writable)| (guest.as_str(), dir.path(), *writable))
    }

    fn add(&mut self, declared: &'a Declared, scratch: &Path) -> io::Result<()> {
        let (parent, name) = split_guest(&declared.guest);
        let index = match self.dirs.iter().position(|(guest, ..)| guest == parent) {
            Some(index) => index,
            None => {
                self.dirs.push((parent.to_owned(), PrivateDir::make(scratch)?, false));
                self.dirs.len() - 1
            }
        };
        let (_, dir, writable) = &mut self.dirs[index];
        *writable |= declared.writable;
        let copy = dir.path().join(name);
        let mut source = declared.open()?;
        let mode = source.metadata()?.mode() & 0o7777;
        let before = copy_and_hash(&mut source, &mut File::create_new(&copy)?)?;
        if declared.writable {
            self.written.push(Written { declared, copy, before, mode });
        }
        Ok(())
    }

    pub(super) fn put_back(&self, effects: &Effects) -> Result<(), PutBackError> {
        self.written.iter().try_for_each(|written| {
            written
                .put_back(effects)
                .map_err(|error| PutBackError { guest: written.declared.guest.clone(), reason: error.to_string() })
        })
    }
}

impl Written<'_> {
    fn put_back(&self, effects: &Effects) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let copy = match openat(rustix::fs::CWD, &self.copy, flags, Mode::empty()) {
            Ok(copy) => File::from(copy),
            // The tool removed its copy or replaced it with a link. It may not remove the file itself.
            Err(_) => return Ok(()),
        };
        let metadata = copy.metadata()?;
        if !metadata.is_file() {
            return Ok(());
        }
        if metadata.len() > LARGEST {
            return Err(io::Error::other("it is larger than 256 MiB"));
        }
        if copy_and_hash(&mut &copy, &mut io::sink())? == self.before {
            return Ok(());
        }
        if !effects.may_happen() {
            return Err(io::Error::other(UNRECORDED));
        }
        let mut random = [0; 8];
        crate::random::fill(&mut random)?;
        let beside = format!(".{}.mpp-{:016x}", self.declared.name, u64::from_le_bytes(random));
        let result = self.write_beside(copy, &beside);
        if result.is_err() {
            // The original file is intact; the partial new file must not remain next to it.
            let _ = unlinkat(&self.declared.parent, &beside, AtFlags::empty());
        }
        result
    }

    fn write_beside(&self, mut copy: File, beside: &str) -> io::Result<()> {
        use std::io::Seek;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let parent = &self.declared.parent;
        let mut file = File::from(openat(parent, beside, flags, Mode::RUSR | Mode::WUSR)?);
        copy.rewind()?;
        io::copy(&mut copy, &mut file)?;
        file.set_permissions(Permissions::from_mode(self.mode))?;
        file.sync_all()?;
        renameat(parent, beside, parent, &self.declared.name)?;
        Ok(())
    }
}

fn copy_and_hash(from: &mut impl Read, to: &mut impl Write) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Effects, FileCopies, split_guest};

    #[test]
    fn only_a_changed_copy_replaces_the_file() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("notes.txt");
        std::fs::write(&file, "before").expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("a mode");
        let inode = std::fs::metadata(&file).expect("a file").ino();
        let scratch = root.path().join("scratch");
        let mut copies = FileCopies::new(&scratch);
        copies.add("/data/renamed.txt", &file, true).expect("a file");

        let call = copies.make().expect("copies");
        let copy = call.dirs().next().expect("a directory").1.join("renamed.txt");
        assert_eq!(std::fs::read_to_string(&copy).expect("a copy"), "before");
        call.put_back(&Effects::default()).expect("nothing to do");
        assert_eq!(std::fs::metadata(&file).expect("a file").ino(), inode, "written without need");
        std::fs::write(&copy, "after").expect("a write");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "before");
        call.put_back(&Effects::default()).expect("a change");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "after");
        assert_eq!(std::fs::metadata(&file).expect("a file").mode() & 0o777, 0o640);

        std::fs::remove_file(&copy).expect("a file");
        std::os::unix::fs::symlink("/etc/passwd", &copy).expect("a link");
        call.put_back(&Effects::default()).expect("nothing to do");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "after");
        drop(call);
        assert_eq!(std::fs::read_dir(&scratch).expect("a directory").count(), 0);
        assert_eq!(std::fs::read_dir(root.path()).expect("a directory").count(), 2, "something was left beside it");
    }

    #[test]
    fn a_file_that_became_a_link_is_not_followed() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("a");
        std::fs::write(&file, "mine").expect("a file");
        let mut copies = FileCopies::new(root.path());
        copies.add("/a", &file, false).expect("a file");
        std::fs::remove_file(&file).expect("a file");
        std::os::unix::fs::symlink("/etc/passwd", &file).expect("a link");
        assert!(copies.make().is_err());
    }

    #[test]
    fn guest_paths_are_split_at_the_last_part() {
        assert_eq!(split_guest("/a/b/c"), ("/a/b", "c"));
        assert_eq!(split_guest("/c"), ("/", "c"));
        assert_eq!(split_guest("c"), (".", "c"));
    }
}
