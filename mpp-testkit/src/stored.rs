//! Files that tests compare with: where they are, and how they are written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whether stored files are to be written instead of compared: `MPP_TEST_BLESS=1`.
pub(crate) fn blessing() -> bool {
    std::env::var_os("MPP_TEST_BLESS").is_some_and(|value| !value.is_empty() && value != "0")
}

/// A path relative to the crate whose test it is.
pub(crate) fn resolve(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    if path.is_absolute() {
        return path.to_owned();
    }
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(root) => Path::new(&root).join(path),
        None => path.to_owned(),
    }
}

/// Writes beside and renames, so that nobody sees half a file; makes the directory.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(io::Error::other("the path names no file")) };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let beside = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), std::process::id()));
    fs::write(&beside, text)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// The files that a path means, sorted: itself, or with `*` in its file name all that fit.
///
/// # Errors
/// A sentence where there is none.
pub(crate) fn matching(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = resolve(pattern);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let dir = path.parent().unwrap_or(Path::new("."));
    if dir.to_string_lossy().contains('*') {
        return Err(format!("`{pattern}`: `*` stands for a part of the file name only"));
    }
    if !name.contains('*') {
        return match path.is_file() {
            true => Ok(vec![path]),
            false => Err(format!("there is no file `{}`", path.display())),
        };
    }
    let entries =
        fs::read_dir(dir).map_err(|error| format!("the directory `{}` cannot be read: {error}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && path.file_name().is_some_and(|file| fits(&name, &file.to_string_lossy())))
        .collect();
    found.sort();
    if found.is_empty() { Err(format!("no file in `{}` is named like `{name}`", dir.display())) } else { Ok(found) }
}

/// `*` stands for any characters, none included.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stand_for_anything() {
        assert!(fits("*.jsonl", "a.jsonl") && fits("a*c*e", "abcde") && fits("a*", "a") && fits("abc", "abc"));
        assert!(!fits("*.jsonl", "a.json") && !fits("a*a", "a") && !fits("abc", "abcd") && !fits("a*c*e", "aecd"));
    }
}
