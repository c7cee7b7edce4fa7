//! A directory of this user's alone, and files in it that nobody else wrote.

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

/// Compiled code of the largest module that may be packed stays well below.
const LARGEST: u64 = 1 << 30;

/// Tells one state of one file from every other: the time of the last change of its inode is the kernel's to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    pub(crate) size: u64,
    changed: (i128, i128),
}

/// An open directory: owner ourselves, mode 0700.
#[derive(Debug)]
pub(crate) struct PrivateDir(OwnedFd);

impl PrivateDir {
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

    /// A file, where there is such a file and it is ours.
    pub(crate) fn open(&self, name: &str) -> Option<(File, Identity)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok()?;
        let size = u64::try_from(stat.st_size).ok().filter(|size| *size <= LARGEST)?;
        let changed = (i128::from(stat.st_ctime), i128::from(stat.st_ctime_nsec));
        let identity = Identity { device: stat.st_dev, inode: stat.st_ino, size, changed };
        is_ours(&stat, FileType::RegularFile).then(|| (file.into(), identity))
    }

    /// A file's bytes, where there is such a file and it is ours.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.open(name).and_then(|(file, _)| read_all(&file).ok())
    }

    /// Puts a file there whole: written beside, then renamed.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| Errno::IO)?;
        let beside = format!("new-{:016x}", u64::from_le_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, &beside, flags, Mode::RUSR | Mode::WUSR)?);
        let written = file.write_all(bytes).and_then(|()| Ok(renameat(&self.0, &beside, &self.0, name)?));
        if written.is_err() {
            // Nothing to do about a file that cannot be removed either.
            let _ = unlinkat(&self.0, &beside, AtFlags::empty());
        }
        written
    }

    /// Opens a file for reading and writing, and makes it where `make` says so and it is not there.
    pub(crate) fn open_to_write(&self, name: &str, how: OFlags, make: bool) -> io::Result<File> {
        let flags = how | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let flags = if make { flags | OFlags::CREATE } else { flags };
        let file = openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?;
        if is_ours(&fstat(&file)?, FileType::RegularFile) { Ok(file.into()) } else { Err(Errno::ACCESS.into()) }
    }

    /// Holds a lock until the file is dropped; `None` where it was not to be had in time.
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

/// Every byte of a file.
pub(crate) fn read_all(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_ours(stat: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
        && stat.st_uid == geteuid().as_raw()
        && Mode::from_raw_mode(stat.st_mode).intersection(Mode::RWXG | Mode::RWXO).is_empty()
}
