//! Golden files: stored answers and definitions that tests compare with.

mod definitions;
pub(crate) mod replay;

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::fail;

/// Returns whether golden files are to be written instead of compared: `MPP_TEST_BLESS=1`.
pub(crate) fn blessing() -> bool {
    std::env::var_os("MPP_TEST_BLESS").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Resolves a path relative to the crate of the test.
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

/// Writes a golden file, or ends the test.
#[track_caller]
pub(crate) fn write(path: &Path, text: &str) {
    if let Err(error) = mpp_host::atomic_file::write(path, text.as_bytes()) {
        fail(format_args!("cannot write `{}`: {error}", path.display()), "");
    }
}

/// Returns the file at a path, or, with `*` in the file name, all matching files, sorted; an error message where there are
/// none.
pub(crate) fn matching(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = resolve(pattern);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let dir = path.parent().unwrap_or(Path::new("."));
    if dir.to_string_lossy().contains('*') {
        return Err(format!("`{pattern}` has a `*` in a directory; it is allowed in the file name only"));
    }
    if !name.contains('*') {
        return match path.is_file() {
            true => Ok(vec![path]),
            false => Err(format!("the file `{}` does not exist", path.display())),
        };
    }
    let entries =
        fs::read_dir(dir).map_err(|error| format!("cannot read the directory `{}`: {error}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && path.file_name().is_some_and(|file| fits(&name, &file.to_string_lossy())))
        .collect();
    found.sort();
    if found.is_empty() { Err(format!("no file in `{}` matches `{name}`", dir.display())) } else { Ok(found) }
}

/// Returns whether a name matches a pattern, in which `*` matches any number of characters.
fn fits(pattern: &str, text: &str) -> bool {
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
    fn a_star_matches_any_number_of_characters() {
        assert!(fits("*.jsonl", "a.jsonl") && fits("a*c*e", "abcde") && fits("a*", "a") && fits("abc", "abc"));
        assert!(!fits("*.jsonl", "a.json") && !fits("a*a", "a") && !fits("abc", "abcd") && !fits("a*c*e", "aecd"));
    }
}
