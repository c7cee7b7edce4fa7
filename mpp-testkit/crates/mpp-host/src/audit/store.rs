//! The files of a log, and the position of the chain's end in them.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FallocateFlags, OFlags, fallocate};
use rustix::io::Errno;

use super::error::Trouble;
use super::head::{self, Head};
use super::line::{self, Content, Place};
use super::seal::{Seal, Tag};
use crate::private_dir::PrivateDir;

const LOG: &str = "log.jsonl";
const HEAD: &str = "head";
const KEY: &str = "key";

/// How long to wait for the lock of another process.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Maximum length of the lines after the head, in bytes. It is generous compared with what a writer can leave there.
const LONGEST_TAIL: u64 = 16 << 20;
/// Free space that must be available before a call runs, in bytes.
const ROOM: u64 = 4096;

/// The open files of a log. The head file also serves as the lock.
#[derive(Debug)]
pub(super) struct Store {
    head: File,
    log: File,
    seal: Seal,
    buffer: Vec<u8>,
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End {
    /// Number of the last line; 0 if there is none.
    pub(super) number: u64,
    /// Offset of the last line's end, in bytes.
    pub(super) bytes: u64,
    /// Seal of the last line.
    pub(super) last: Tag,
    /// The number in the head file.
    pub(super) head: u64,
    /// Length of the torn line after the last line, in bytes.
    pub(super) torn: u64,
}

impl Store {
    /// Opens a log, creates the missing files of a new one, and locates its end. The log stays locked.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<(Self, End), Trouble> {
        let dir = PrivateDir::open_or_make(path)?;
        let head = dir.open_to_write(HEAD, OFlags::empty(), true)?;
        lock(&head, patience)?;
        let log = dir.open_to_write(LOG, OFlags::APPEND, true)?;
        let is_new = head.metadata()?.len() == 0;
        if is_new && log.metadata()?.len() > 0 {
            return Err(Trouble::Damaged("it has records but no `head`".to_owned()));
        }
        let seal = match dir.read(KEY) {
            Some(key) => Seal::new(&key).ok_or_else(|| Trouble::Damaged("its `key` is not a valid key".to_owned()))?,
            None if is_new => {
                let key = Seal::generate()?;
                dir.write(KEY, &*key)?;
                Seal::new(&*key).ok_or(Trouble::Damaged(String::new()))?
            }
            None => return Err(Trouble::Damaged("its `key` is missing, or other users can read it".to_owned())),
        };
        let mut store = Self { head, log, seal, buffer: Vec::with_capacity(2048) };
        let mut end = End::default();
        if is_new {
            store.write_head(&mut end)?;
        }
        store.catch_up(&mut end)?;
        store.check_room(&end)?;
        Ok((store, end))
    }

    /// Opens a log for reading; `None` if there is none. Writers are locked out for as long as the returned value lives.
    pub(super) fn open_to_read(path: &Path) -> Result<Option<Reading>, Trouble> {
        if !path.try_exists()? {
            return Ok(None);
        }
        let dir = PrivateDir::open_or_make(path)?;
        let open = |name| match dir.open_to_write(name, OFlags::empty(), false) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let (head, log) = (open(HEAD)?, open(LOG)?);
        if let Some(head) = &head {
            lock_shared(head, PATIENCE)?;
        }
        let seal = dir.read(KEY).and_then(|key| Seal::new(&key));
        Ok(Some(Reading { head, log, seal }))
    }

    /// Takes the lock.
    pub(super) fn lock(&self, patience: Duration) -> Result<(), Trouble> {
        lock(&self.head, patience)
    }

    /// Releases the lock.
    pub(super) fn unlock(&self) {
        // This fails only for a file that is not open.
        let _ = self.head.unlock();
    }

    /// Returns whether the log file ends at `end`. The lock must be held.
    pub(super) fn ends_at(&mut self, end: &End) -> Result<bool, Trouble> {
        Ok(end.torn == 0 && self.log.seek(SeekFrom::End(0))? == end.bytes)
    }

    /// Appends a line at `end`. The lock must be held.
    pub(super) fn append(&mut self, end: &mut End, content: Content<'_>) -> Result<(), Trouble> {
        let place = Place { number: end.number + 1, previous: end.last, head: end.head, after_torn: end.torn };
        self.buffer.clear();
        if end.torn > 0 {
            self.buffer.push(b'\n');
        }
        let tag = line::write(&place, content, &self.seal, &mut self.buffer);
        if self.buffer.len() > line::LONGEST {
            return Err(Trouble::Io(std::io::Error::other("the record is larger than 1 MiB")));
        }
        let start = end.bytes + end.torn;
        if let Err(error) = self.log.write_all(&self.buffer) {
            // Removes a partial line, for example one of a full disk. If that fails too, the next writer detects it.
            let _ = self.log.set_len(start);
            return Err(error.into());
        }
        *end =
            End { number: place.number, bytes: start + self.buffer.len() as u64, last: tag, head: end.head, torn: 0 };
        Ok(())
    }

    /// Writes the head. The lock must be held.
    pub(super) fn write_head(&mut self, end: &mut End) -> Result<(), Trouble> {
        self.buffer.clear();
        Head { number: end.number, bytes: end.bytes, last: end.last }.write(&self.seal, &mut self.buffer);
        self.head.write_all_at(&self.buffer, 0)?;
        end.head = end.number;
        Ok(())
    }

    /// Locates the end again after other processes have written. The lock must be held.
    pub(super) fn catch_up(&mut self, end: &mut End) -> Result<(), Trouble> {
        let damaged = |reason: &str| Err(Trouble::Damaged(reason.to_owned()));
        let mut bytes = Vec::with_capacity(head::LENGTH + 1);
        let mut from = &self.head;
        from.seek(SeekFrom::Start(0))?;
        from.take(head::LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        let head = Head::read(&bytes, &self.seal).map_err(|reason| Trouble::Damaged(reason.to_owned()))?;
        if head.number < end.head {
            return damaged("its `head` is older than what this process has written");
        }
        let size = self.log.seek(SeekFrom::End(0))?;
        if size < head.bytes {
            return damaged("lines were removed from its end");
        }
        if size - head.bytes > LONGEST_TAIL {
            return damaged("its `head` is too old for its lines");
        }
        let mut tail = vec![0; usize::try_from(size - head.bytes).unwrap_or_default()];
        self.log.read_exact_at(&mut tail, head.bytes)?;
        let mut found = End { number: head.number, bytes: head.bytes, last: head.last, head: head.number, torn: 0 };
        let mut at = head.bytes;
        for line in tail.split_inclusive(|byte| *byte == b'\n') {
            let start = at;
            at += line.len() as u64;
            // A line without a valid seal is a torn line if the next line says so.
            let Some(sealed) = line.strip_suffix(b"\n").and_then(|line| line::read(line, &self.seal)) else { continue };
            let place = sealed.place;
            let continues = place.number == found.number + 1 && place.previous == found.last;
            if !continues || place.after_torn != (start - found.bytes).saturating_sub(1) {
                return damaged("its last lines do not form a chain");
            }
            if place.head > head.number {
                return damaged("its `head` is older than the one that its lines name");
            }
            found = End { number: place.number, bytes: at, last: sealed.tag, ..found };
        }
        found.torn = size - found.bytes;
        *end = found;
        Ok(())
    }

    /// Checks that the disk has room for another line.
    pub(super) fn check_room(&self, end: &End) -> Result<(), Trouble> {
        match fallocate(&self.log, FallocateFlags::KEEP_SIZE, end.bytes + end.torn, ROOM) {
            Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::IO)) => Err(error.into()),
            // If the file system cannot reserve space, a lack of it shows when the line is written.
            _ => Ok(()),
        }
    }
}

/// A log that is open for reading.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) head: Option<File>,
    pub(super) log: Option<File>,
    pub(super) seal: Option<Seal>,
}

impl Reading {
    /// Returns the head; `None` if there is none or its seal is not valid.
    pub(super) fn head(&self, seal: &Seal) -> Result<Option<Head>, Trouble> {
        let Some(mut file) = self.head.as_ref() else { return Ok(None) };
        let mut bytes = Vec::with_capacity(head::LENGTH + 1);
        file.seek(SeekFrom::Start(0))?;
        file.take(head::LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Head::read(&bytes, seal).ok())
    }
}

fn lock(file: &File, patience: Duration) -> Result<(), Trouble> {
    wait_for(patience, || file.try_lock())
}

fn lock_shared(file: &File, patience: Duration) -> Result<(), Trouble> {
    wait_for(patience, || file.try_lock_shared())
}

/// Repeats `attempt` until it succeeds or `patience` has passed. It retries often at first, because a lock is usually held
/// for microseconds.
fn wait_for(patience: Duration, attempt: impl Fn() -> Result<(), TryLockError>) -> Result<(), Trouble> {
    let mut waited = Duration::ZERO;
    let mut step = Duration::from_micros(20);
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if waited < patience => {
                std::thread::sleep(step);
                waited += step;
                step = (step * 2).min(Duration::from_millis(1));
            }
            Err(TryLockError::WouldBlock) => return Err(Trouble::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}
