//! Declared paths of a tool under test: temporary directories, files in them, and what the tool has written there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_host::package::manifest::Filesystem;
use mpp_sdk::wire::did_you_mean;
use tempfile::TempDir;

use crate::builder::ToolBuilder;
use crate::changes;
use crate::failure::fail;
use crate::package::Failure;
use crate::tool::Tool;

/// What a test says about declared paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilesPlan {
    dirs: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
}

/// Directories that are there as long as the tool.
#[derive(Debug, Clone, Default)]
pub(crate) struct TempDirs {
    /// Guest paths, and what they are on this machine.
    pub(crate) mappings: BTreeMap<String, PathBuf>,
    _dirs: Vec<Arc<TempDir>>,
}

impl ToolBuilder {
    /// A declared directory is an empty one of this tool's alone, gone when the tool is.
    pub fn temp_dir(mut self, guest: impl Into<String>) -> Self {
        self.files.dirs.push(guest.into());
        self
    }

    /// A file that the tool finds: a declared one, or one in a declared directory, which then is a temporary one as with
    /// [`ToolBuilder::temp_dir`].
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().file("/contacts/team.csv", "name,mail\nAda,ada@engines.example\n").load();
    /// ```
    pub fn file(mut self, guest: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.files.files.push((guest.into(), contents.into()));
        self
    }
}

impl FilesPlan {
    /// Makes the directories and the files in them.
    pub(crate) fn make(&self, declared: &Filesystem) -> Result<TempDirs, Failure> {
        let mut made = TempDirs::default();
        for guest in &self.dirs {
            let guest = found(guest, declared)?;
            made.dir(guest).map_err(|error| unmade(guest, &error))?;
        }
        for (guest, contents) in &self.files {
            let declared = holder(guest, declared)?;
            made.file(declared, guest, contents).map_err(|error| unmade(guest, &error))?;
        }
        Ok(made)
    }

    /// The same paths, with these files in them and no others.
    pub(crate) fn with(mut self, dirs: Vec<String>, files: Vec<(String, Vec<u8>)>) -> Self {
        self.dirs = dirs;
        self.files = files;
        self
    }
}

impl TempDirs {
    /// The temporary directory of a declared one.
    fn dir(&mut self, guest: &str) -> io::Result<PathBuf> {
        if let Some(path) = self.mappings.get(guest) {
            return Ok(path.clone());
        }
        let dir = tempfile::Builder::new().prefix("mpp-testkit-").tempdir()?;
        let path = dir.path().to_owned();
        self._dirs.push(Arc::new(dir));
        self.mappings.insert(guest.to_owned(), path.clone());
        Ok(path)
    }

    fn file(&mut self, declared: &str, guest: &str, contents: &[u8]) -> io::Result<()> {
        let rest = guest[declared.len()..].trim_start_matches('/');
        if rest.is_empty() {
            // A declared file: a temporary one of the same name.
            let name = guest.rsplit('/').next().unwrap_or(guest);
            let dir = tempfile::Builder::new().prefix("mpp-testkit-").tempdir()?;
            let path = dir.path().join(name);
            fs::write(&path, contents)?;
            self._dirs.push(Arc::new(dir));
            self.mappings.insert(declared.to_owned(), path);
            return Ok(());
        }
        let path = self.dir(declared)?.join(rest);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, contents)
    }
}

impl Tool {
    /// The bytes of a file under one of the tool's paths, by the tool's own name for it.
    ///
    /// # Panics
    /// Where no declared path leads there, or it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn read(&self, guest: &str) -> Vec<u8> {
        let path = self.place(guest);
        match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fail(format_args!("there is no file `{guest}`"), &self.listed(guest))
            }
            Err(error) => fail(format_args!("`{guest}` cannot be read: {error}"), ""),
        }
    }

    /// The same as text.
    ///
    /// # Panics
    /// As [`Tool::read`], and where it is not UTF-8.
    #[must_use]
    #[track_caller]
    pub fn read_text(&self, guest: &str) -> String {
        match String::from_utf8(self.read(guest)) {
            Ok(text) => text,
            Err(_) => fail(format_args!("`{guest}` is no text"), ""),
        }
    }

    /// Every file under one of the tool's directories, by its path in it, with its bytes: to compare before and after.
    ///
    /// # Panics
    /// Where no declared path leads there, or it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn files(&self, guest: &str) -> Files {
        match Files::under(&self.place(guest)) {
            Ok(files) => files,
            Err(error) => fail(format_args!("`{guest}` cannot be listed: {error}"), ""),
        }
    }

    #[track_caller]
    fn place(&self, guest: &str) -> PathBuf {
        let paths = self.runnable.paths();
        let under = |known: &str| guest == known || guest.strip_prefix(known).is_some_and(|rest| rest.starts_with('/'));
        let nearest = paths.iter().filter(|path| under(&path.guest)).max_by_key(|path| path.guest.len());
        match nearest {
            Some(path) => {
                let rest = guest[path.guest.len()..].trim_start_matches('/');
                if rest.is_empty() { path.host.clone() } else { path.host.join(rest) }
            }
            None => {
                let known: Vec<&str> = paths.iter().map(|path| path.guest.as_str()).collect();
                fail(format_args!("no path of the tool leads to `{guest}`; it has {known:?}"), "")
            }
        }
    }

    fn listed(&self, guest: &str) -> String {
        let path = self.runnable.paths().iter().find(|path| guest.starts_with(&path.guest) && !path.is_file);
        let Some(path) = path else { return String::new() };
        match Files::under(&path.host) {
            Ok(files) if files.0.is_empty() => format!("`{}` is empty", path.guest),
            Ok(files) => format!("in `{}` are {:?}", path.guest, files.0.keys().collect::<Vec<_>>()),
            Err(_) => String::new(),
        }
    }
}

/// The files of a directory at one moment, by their paths in it, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// What is another in the second of two [`Files`], one file a line: `+` is new, `-` is gone, `~` has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesDiff {
    /// Files that are new.
    pub added: Vec<String>,
    /// Files that are gone.
    pub removed: Vec<String>,
    /// Files with other bytes.
    pub changed: Vec<String>,
}

impl Files {
    /// Reads a directory and all below it, following no links.
    pub(crate) fn under(dir: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.add(dir, "")?;
        Ok(files)
    }

    fn add(&mut self, dir: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else if kind.is_file() {
                self.0.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// All paths and bytes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `after` has that this one has not, and the reverse.
    #[must_use]
    pub fn diff(&self, after: &Self) -> FilesDiff {
        let missing = |from: &Self, other: &Self| -> Vec<String> {
            from.0.keys().filter(|path| !other.0.contains_key(*path)).cloned().collect()
        };
        let changed = self.0.iter().filter(|(path, bytes)| after.0.get(*path).is_some_and(|other| other != *bytes));
        FilesDiff {
            added: missing(after, self),
            removed: missing(self, after),
            changed: changed.map(|(path, _)| path.clone()).collect(),
        }
    }
}

impl FilesDiff {
    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These are all the changes, as `Display` shows them, in any order: `+ path`, `- path`, `~ path`.
    ///
    /// # Panics
    /// Where they are others.
    #[track_caller]
    pub fn assert_changes<T: AsRef<str>>(&self, expected: impl IntoIterator<Item = T>) -> &Self {
        changes::assert("the files", &self.lines(), expected);
        self
    }

    /// Nothing has changed.
    ///
    /// # Panics
    /// Where something has.
    #[track_caller]
    pub fn assert_empty(&self) -> &Self {
        self.assert_changes([""; 0])
    }
}

impl fmt::Display for FilesDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { f.write_str("(no difference)") } else { f.write_str(&self.lines().join("\n")) }
    }
}

impl FilesDiff {
    /// One change a line, sorted by path.
    fn lines(&self) -> Vec<String> {
        let mark = |mark: char, paths: &[String]| paths.iter().map(|path| format!("{mark} {path}")).collect::<Vec<_>>();
        let mut lines = [mark('+', &self.added), mark('-', &self.removed), mark('~', &self.changed)].concat();
        lines.sort_by(|a, b| a[2..].cmp(&b[2..]));
        lines
    }
}

fn paths(declared: &Filesystem) -> impl Iterator<Item = &str> {
    declared.read.iter().chain(&declared.write).map(String::as_str)
}

fn found<'a>(guest: &'a str, declared: &Filesystem) -> Result<&'a str, Failure> {
    if paths(declared).any(|path| path == guest) { Ok(guest) } else { Err(undeclared(guest, declared)) }
}

/// The declared path that a guest's file is, or lies in.
fn holder<'a>(guest: &str, declared: &'a Filesystem) -> Result<&'a str, Failure> {
    let holds = |path: &&str| guest == *path || guest.strip_prefix(*path).is_some_and(|rest| rest.starts_with('/'));
    let is_plain = !guest.split('/').any(|part| matches!(part, "." | ".."));
    let found = paths(declared).filter(holds).max_by_key(|path| path.len());
    found.filter(|_| is_plain).ok_or_else(|| undeclared(guest, declared))
}

fn undeclared(guest: &str, declared: &Filesystem) -> Failure {
    let known: Vec<&str> = paths(declared).collect();
    let listed = if known.is_empty() { "none".to_owned() } else { format!("`{}`", known.join("`, `")) };
    Failure::new(
        format!(
            "the test gives the tool `{guest}`, which the manifest does not declare{}",
            did_you_mean(guest, known.iter().copied())
        ),
        format!("declared under `capabilities.filesystem` is {listed}"),
    )
}

fn unmade(guest: &str, error: &io::Error) -> Failure {
    Failure::new(format!("a temporary place for `{guest}` cannot be made: {error}"), "")
}
