//! A directory that only the current user can access, and the files in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The maximum size of a file that is opened or read, in bytes. The compiled code of the largest permitted module is well below it.
const LARGEST: u64 = 1 << 30;

/// Identifies one state of one file. It includes the time of the last inode change, because only the kernel sets that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    pub(crate) size: u64,
    changed: (i128, i128),
}

/// An open directory that the current user owns and that no other user can access (mode 0700).
#[derive(Debug)]
pub(crate) struct PrivateDir(OwnedFd);

impl PrivateDir {
    /// Opens the directory at `path`, and creates it and its parents if they do not exist.
    ///
    /// # Errors
    /// Returns an I/O error; in particular `EACCES` if another user owns the directory or can access it.
    pub(crate) fn open_or_make(path: &Path) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match mkdirat(rustix::fs::CWD, path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = openat(rustix::fs::CWD, path, flags, Mode::empty())?;
        if is_ours(&fstat(&dir)?, FileType::Directory) { Ok(Self(dir)) } else { Err(Errno::ACCESS.into()) }
    }

    /// Opens a file for reading. Returns `None` if it does not exist, is too large, or is not a private file of the current user.
    pub(crate) fn open(&self, name: &str) -> Option<(File, Identity)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok()?;
        let size = u64::try_from(stat.st_size).ok().filter(|size| *size <= LARGEST)?;
        let changed = (i128::from(stat.st_ctime), i128::from(stat.st_ctime_nsec));
        let identity = Identity { device: stat.st_dev, inode: stat.st_ino, size, changed };
        is_ours(&stat, FileType::RegularFile).then(|| (file.into(), identity))
    }

    /// Reads a file. Returns `None` where [`Self::open`] does, or if reading fails.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.open(name).and_then(|(file, _)| read_all(&file).ok())
    }

    /// Writes a file atomically: writes a temporary file beside it and renames that.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut random = [0; 8];
        crate::random::fill(&mut random)?;
        let beside = format!("new-{:016x}", u64::from_le_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, &beside, flags, Mode::RUSR | Mode::WUSR)?);
        let written = file.write_all(bytes).and_then(|()| Ok(renameat(&self.0, &beside, &self.0, name)?));
        if written.is_err() {
            // If the temporary file cannot be removed either, it stays.
            let _ = unlinkat(&self.0, &beside, AtFlags::empty());
        }
        written
    }

    /// Opens a file for reading and writing. Creates it if it does not exist and `make` is set.
    ///
    /// # Errors
    /// Returns an I/O error; in particular `EACCES` if the file is not a private file of the current user.
    pub(crate) fn open_to_write(&self, name: &str, how: OFlags, make: bool) -> io::Result<File> {
        let flags = how | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = if make { flags | OFlags::CREATE } else { flags };
        let file = openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?;
        if is_ours(&fstat(&file)?, FileType::RegularFile) { Ok(file.into()) } else { Err(Errno::ACCESS.into()) }
    }

    /// Acquires an exclusive lock, which is held until the returned file is dropped. Returns `None` if the lock cannot be acquired
    /// within `patience`.
    pub(crate) fn lock(&self, name: &str, patience: Duration) -> Option<File> {
        const STEP: Duration = Duration::from_millis(10);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR).ok()?;
        let mut waited = Duration::ZERO;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Some(file.into()),
                Err(Errno::WOULDBLOCK | Errno::INTR) if waited < patience => {
                    std::thread::sleep(STEP);
                    waited += STEP;
                }
                Err(_) => return None,
            }
        }
    }
}

/// Reads a file from its start, up to [`LARGEST`] bytes.
pub(crate) fn read_all(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns whether `stat` describes a file of this kind that the current user owns and no other user can access.
fn is_ours(stat: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
        && stat.st_uid == geteuid().as_raw()
        && Mode::from_raw_mode(stat.st_mode).intersection(Mode::RWXG | Mode::RWXO).is_empty()
}
