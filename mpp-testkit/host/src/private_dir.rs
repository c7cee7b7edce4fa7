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

