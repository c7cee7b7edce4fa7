//! The files of a recording: read before and after a call, and restored into a temporary directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use mpp_recording::recording::{FileContent, Markers, RecordedBytes, RecordedFile};

/// How many files and bytes a recording may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    files: usize,
    bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { files: 10_000, bytes: 16 * 1024 * 1024 }
    }
}

/// Returns the file, or everything below the directory, sorted by path; `None` if it is too large, or cannot be read.
pub(crate) fn snapshot(path: &Path, markers: &Markers, budget: &mut Budget) -> Option<Vec<RecordedFile>> {
    let mut found = Vec::new();
    let path = path.canonicalize().ok()?;
    if path.is_dir() {
        below(&path, "", markers, budget, &mut found)?;
        found.sort_by(|a: &RecordedFile, b| a.path.cmp(&b.path));
    } else {
        found.push(entry(&path, String::new(), markers, budget)?);
    }
    Some(found)
}

fn below(
    dir: &Path,
    prefix: &str,
    markers: &Markers,
    budget: &mut Budget,
    found: &mut Vec<RecordedFile>,
) -> Option<()> {
    for item in fs::read_dir(dir).ok()? {
        let item = item.ok()?;
        let name = item.file_name().into_string().ok()?;
        let shown = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let is_dir = item.file_type().ok()?.is_dir();
        found.push(entry(&item.path(), shown.clone(), markers, budget)?);
        if is_dir {
            below(&item.path(), &shown, markers, budget, found)?;
        }
    }
    Some(())
}

fn entry(path: &Path, shown: String, markers: &Markers, budget: &mut Budget) -> Option<RecordedFile> {
    let metadata = path.symlink_metadata().ok()?;
    budget.files = budget.files.checked_sub(1)?;
    let content = if metadata.is_dir() {
        FileContent::Directory
    } else if metadata.is_symlink() {
        FileContent::Link(fs::read_link(path).ok()?.into_os_string().into_string().ok()?)
    } else if metadata.is_file() {
        budget.bytes = budget.bytes.checked_sub(metadata.len())?;
        FileContent::File(RecordedBytes::hidden(&fs::read(path).ok()?, markers))
    } else {
        // Reading a pipe or a device could block or change it.
        return None;
    };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Some(RecordedFile::new(shown, content, u64::try_from(modified.as_nanos()).unwrap_or_default()))
}

/// Restores the files of a declared path under `dir`, an empty directory, and returns the path to map.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub(crate) fn restore(files: &[RecordedFile], markers: &Markers, dir: &Path) -> io::Result<PathBuf> {
    let root = dir.join("root");
    if files.first().is_none_or(|file| !file.path.is_empty()) {
        fs::create_dir(&root)?;
    }
    for file in files {
        let path = if file.path.is_empty() { root.clone() } else { root.join(&file.path) };
        match &file.content {
            FileContent::Directory => fs::create_dir(&path)?,
            FileContent::Link(target) => link(target, &path)?,
            FileContent::File(bytes) => fs::write(&path, bytes.revealed(markers))?,
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
    }
    // Last, because a directory is modified when something is written into it.
    for file in files.iter().filter(|file| !matches!(file.content, FileContent::Link(_))) {
        let path = if file.path.is_empty() { root.clone() } else { root.join(&file.path) };
        fs::File::open(path)?.set_modified(UNIX_EPOCH + Duration::from_nanos(file.modified_ns))?;
    }
    Ok(root)
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
