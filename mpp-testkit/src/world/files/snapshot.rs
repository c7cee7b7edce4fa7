//! The files of a directory at one moment, and the differences between two.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::assert::changes;

/// The files below a directory at one moment, by their relative paths: [`Tool::files`](crate::Tool::files).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// The differences between two [`Files`]: [`Files::diff`]. `Display` shows one file per line: `+` is new, `-` was removed,
/// `~` has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesDiff {
    /// Files that are new.
    pub added: Vec<String>,
    /// Files that were removed.
    pub removed: Vec<String>,
    /// Files whose content has changed.
    pub changed: Vec<String>,
}

impl Files {
    /// Reads a directory recursively, without following links.
    pub(crate) fn read(dir: &Path) -> io::Result<Self> {
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

    /// Returns the content of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// Returns all paths and contents, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Returns whether there are no files.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares the files with those of a later moment.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().temp_dir("/out").load();
    /// let before = tool.files("/out");
    /// tool.call("write", json!({ "name": "new.txt", "text": "written" })).assert_success();
    /// before.diff(&tool.files("/out")).assert_changes(["+ new.txt"]);
    /// ```
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
    /// Returns whether there are no differences.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Asserts that these are all changes, in any order, as `Display` shows them: `+ path`, `- path`, `~ path`.
    ///
    /// # Panics
    /// Panics if the changes are others.
    #[track_caller]
    pub fn assert_changes<T: AsRef<str>>(&self, expected: impl IntoIterator<Item = T>) -> &Self {
        changes::assert("the files", &self.lines(), expected);
        self
    }

    /// Asserts that nothing has changed.
    ///
    /// # Panics
    /// Panics if something has changed.
    #[track_caller]
    pub fn assert_empty(&self) -> &Self {
        self.assert_changes([""; 0])
    }

    /// Returns one line per change, sorted by path.
    fn lines(&self) -> Vec<String> {
        let mark = |mark: char, paths: &[String]| paths.iter().map(|path| format!("{mark} {path}")).collect::<Vec<_>>();
        let mut lines = [mark('+', &self.added), mark('-', &self.removed), mark('~', &self.changed)].concat();
        lines.sort_by(|a, b| a[2..].cmp(&b[2..]));
        lines
    }
}

impl fmt::Display for FilesDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { f.write_str("(no changes)") } else { f.write_str(&self.lines().join("\n")) }
    }
}
