//! The directory of a new project: what it may contain already, and how it is filled.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a directory may contain when a project is created in it: version control, the settings of editors, and the files
/// that a new repository starts with. Anything else would get mixed up with the project.
const HARMLESS: &[&str] = &[
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".hg",
    ".hgignore",
    ".jj",
    ".editorconfig",
    ".envrc",
    ".idea",
    ".vscode",
    ".zed",
    ".DS_Store",
];
/// The same, as the first part of a name, in lower case: `README.md`, `LICENSE-MIT`.
const HARMLESS_PREFIXES: &[&str] = &["readme", "license", "licence", "copying", "notice"];

/// Makes a path absolute. `..` at its end is resolved, so that the path ends with a name.
pub(super) fn absolute(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    if absolute.file_name().is_some() { Ok(absolute) } else { absolute.canonicalize() }
}

/// Returns the names of the entries of `dir`; `None` if it does not exist.
///
/// # Errors
/// The error of the file system, of the kind [`io::ErrorKind::NotADirectory`] if `dir` is a file.
pub(super) fn entries(dir: &Path) -> io::Result<Option<BTreeSet<String>>> {
    let entries = match dir.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<_>>().map(Some)
}

/// Returns whether a project can be created in a directory that has an entry of this name.
pub(super) fn is_harmless(name: &str) -> bool {
    let lower = name.to_lowercase();
    HARMLESS.contains(&name) || HARMLESS_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
}

/// Creates `dir` with `files`: they are written beside it, and the directory is renamed when it is complete.
pub(super) fn create(dir: &Path, files: &[(String, String)]) -> io::Result<()> {
    let parent = dir.parent().unwrap_or(Path::new("."));
    let mut made = Parents::create(parent)?;
    let temp = tempfile::Builder::new().prefix(".mpp-new-").tempdir_in(parent)?;
    // The temporary directory is only accessible to the user. The project inside it gets the usual permissions.
    let whole = temp.path().join("project");
    write(&whole, files)?;
    fs::rename(&whole, dir)?;
    made.0.clear();
    Ok(())
}

/// Adds `files` to an existing directory: they are written to a hidden directory in it, and moved when all are complete.
pub(super) fn fill(dir: &Path, files: &[(String, String)]) -> io::Result<()> {
    let temp = tempfile::Builder::new().prefix(".mpp-new-").tempdir_in(dir)?;
    let whole = temp.path().join("project");
    write(&whole, files)?;
    let mut moved = Moved::default();
    for entry in whole.read_dir()? {
        let entry = entry?;
        let to = dir.join(entry.file_name());
        if to.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("`{}` exists", to.display())));
        }
        fs::rename(entry.path(), &to)?;
        moved.0.push(to);
    }
    moved.0.clear();
    Ok(())
}

fn write(root: &Path, files: &[(String, String)]) -> io::Result<()> {
    fs::create_dir_all(root)?;
    for (path, text) in files {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Directories that were created for the project's directory. Dropping the value removes them again.
struct Parents(Vec<PathBuf>);

impl Parents {
    /// Creates `dir` and its missing parents.
    fn create(dir: &Path) -> io::Result<Self> {
        let mut made = Self(Vec::new());
        let missing: Vec<_> = dir.ancestors().take_while(|dir| dir.symlink_metadata().is_err()).collect();
        for dir in missing.into_iter().rev() {
            fs::create_dir(dir)?;
            made.0.push(dir.to_owned());
        }
        Ok(made)
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        // This leaves a directory in which somebody else has put something.
        self.0.iter().rev().for_each(|dir| drop(fs::remove_dir(dir)));
    }
}

/// Files and directories that were moved into the project's directory. Dropping the value removes them again.
#[derive(Default)]
struct Moved(Vec<PathBuf>);

impl Drop for Moved {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            // What cannot be removed stays: the error that led here is the one to report.
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}
