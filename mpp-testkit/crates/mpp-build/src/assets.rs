//! Collects the files of a project that are packed beside the module.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use mpp_host::causes::BoxedError;

use crate::error::BuildError;

/// Files that are packed, if they exist, when the project does not list its assets.
const DEFAULT_ASSETS: &[&str] = &["README.md", "LICENSE*", "assets"];
/// Maximum size of an archive entry in bytes.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// Returns the assets by entry name: the files matched by `listed`, or the default ones. `entrypoint` is the entry of
/// the module, which no asset may replace.
pub(crate) fn collect(
    project: &Path,
    listed: Option<&[String]>,
    entrypoint: &str,
) -> Result<BTreeMap<String, Vec<u8>>, BuildError> {
    let mut found = BTreeMap::new();
    match listed {
        Some(patterns) => {
            for pattern in patterns {
                if add(project, pattern, &mut found)? == 0 {
                    return Err(refused(pattern, format!("no file in `{}` matches", project.display())));
                }
            }
        }
        None => {
            for pattern in DEFAULT_ASSETS {
                add(project, pattern, &mut found)?;
            }
        }
    }
    for reserved in ["manifest.json", "signature.json", entrypoint] {
        if found.contains_key(reserved) {
            return Err(refused(reserved, "this entry name is reserved"));
        }
    }
    Ok(found)
}

/// Adds every file that matches `pattern` and returns their number.
fn add(project: &Path, pattern: &str, found: &mut BTreeMap<String, Vec<u8>>) -> Result<usize, BuildError> {
    let parts: Vec<&str> = pattern.trim_end_matches('/').split('/').collect();
    if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") || pattern.contains('\\') {
        return Err(refused(pattern, "expected a relative path inside the project, with `/` as separator"));
    }
    let literal: Vec<&str> = parts.iter().copied().take_while(|part| !part.contains(['*', '?'])).collect();
    let start = project.join(literal.join("/"));
    let whole = literal.len() == parts.len();
    let mut files = Vec::new();
    let search = Search {
        pattern,
        glob: if whole { None } else { Some(glob(&parts.join("/"))?) },
        depth: if whole || pattern.contains("**") { usize::MAX } else { parts.len() },
    };
    walk(&start, &literal.join("/"), &search, &mut files)?;
    let count = files.len();
    for name in files {
        let path = project.join(&name);
        let bytes = fs::read(&path).map_err(|source| BuildError::Read { path, source })?;
        found.insert(name, bytes);
    }
    Ok(count)
}

/// What is looked for.
struct Search<'a> {
    pattern: &'a str,
    /// The files that are wanted; `None` for all of them.
    glob: Option<GlobMatcher>,
    /// Number of parts that the name of a wanted file has at most.
    depth: usize,
}

/// Collects every wanted file at or below `path`. Hidden files and build directories are skipped; symbolic links are refused.
fn walk(path: &Path, name: &str, search: &Search<'_>, files: &mut Vec<String>) -> Result<(), BuildError> {
    let Ok(kind) = fs::symlink_metadata(path) else { return Ok(()) };
    let pattern = search.pattern;
    if !kind.is_dir() && search.glob.as_ref().is_some_and(|glob| !glob.is_match(name)) {
        return Ok(());
    }
    if kind.is_symlink() {
        return Err(refused(pattern, format!("`{name}` is a symbolic link; only regular files can be packed")));
    }
    if kind.is_file() {
        if kind.len() > MAX_BYTES {
            return Err(refused(pattern, format!("`{name}` has {} bytes; the maximum is {MAX_BYTES}", kind.len())));
        }
        files.push(name.to_owned());
        return Ok(());
    }
    let depth = if name.is_empty() { 0 } else { name.split('/').count() };
    if depth >= search.depth || path.join("CACHEDIR.TAG").is_file() {
        return Ok(());
    }
    let unreadable = |source| BuildError::Read { path: path.to_owned(), source };
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let part = entry.file_name();
        let Some(part) = part.to_str() else {
            return Err(refused(pattern, format!("`{}` is not UTF-8", entry.path().display())));
        };
        if !part.starts_with('.') {
            let inner = if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") };
            walk(&entry.path(), &inner, search, files)?;
        }
    }
    Ok(())
}

/// Compiles a pattern: `*` and `?` match within a part of a name, `**` matches any number of parts, and every other
/// character matches itself.
fn glob(pattern: &str) -> Result<GlobMatcher, BuildError> {
    let literal = pattern.replace('[', "[[]").replace('{', "[{]").replace('}', "[}]");
    let glob = GlobBuilder::new(&literal).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| refused(pattern, error))
}

fn refused(asset: &str, reason: impl Into<BoxedError>) -> BuildError {
    BuildError::Asset { asset: asset.to_owned(), source: reason.into() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mpp_host::causes::with_causes;

    use super::{collect, glob};

    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("temp dir");
        for name in [
            "README.md",
            "LICENSE-MIT",
            "data/a.json",
            "data/deep/b.json",
            "data/deep/c.txt",
            "data/.hidden",
            "assets/x",
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("parent")).expect("mkdir");
            fs::write(path, name).expect("write");
        }
        dir
    }

    fn names(listed: Option<&[&str]>) -> Result<Vec<String>, String> {
        let dir = project();
        let listed: Option<Vec<String>> = listed.map(|list| list.iter().map(|s| (*s).to_owned()).collect());
        collect(dir.path(), listed.as_deref(), "bin/main.wasm")
            .map(|found| found.into_keys().collect())
            .map_err(|error| with_causes(&error))
    }

    #[test]
    fn packs_the_default_files_or_exactly_those_listed() {
        assert_eq!(names(None).expect("default"), ["LICENSE-MIT", "README.md", "assets/x"]);
        assert_eq!(names(Some(&["data"])).expect("directory"), ["data/a.json", "data/deep/b.json", "data/deep/c.txt"]);
        assert_eq!(names(Some(&["data/*.json"])).expect("one level"), ["data/a.json"]);
        assert_eq!(names(Some(&["data/**/*.json"])).expect("any level"), ["data/a.json", "data/deep/b.json"]);
        assert_eq!(names(Some(&[])).expect("none"), Vec::<String>::new());
    }

    #[test]
    fn refuses_patterns_that_match_nothing_or_lead_outside() {
        assert!(names(Some(&["dta/*.json"])).expect_err("missing").contains("matches"));
        for outside in ["../x", "/etc/passwd", "a//b", "a\\b", "./a"] {
            assert!(names(Some(&[outside])).expect_err(outside).contains("inside the project"), "{outside}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn refuses_links_and_reserved_names() {
        let dir = project();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("assets/link")).expect("link");
        let error = with_causes(&collect(dir.path(), None, "bin/main.wasm").expect_err("a link"));
        assert!(error.contains("is a symbolic link"), "{error}");
        let others = collect(dir.path(), Some(&["**/*.md".to_owned(), "LICENSE*".to_owned()]), "bin/main.wasm");
        assert_eq!(others.expect("a link that no pattern matches").len(), 2);
        fs::remove_file(dir.path().join("assets/link")).expect("remove");
        fs::write(dir.path().join("signature.json"), "{}").expect("write");
        let reserved = collect(dir.path(), Some(&["*.json".to_owned()]), "bin/main.wasm");
        let error = with_causes(&reserved.expect_err("reserved"));
        assert!(error.contains("is reserved"), "{error}");
    }

    #[test]
    fn single_stars_match_within_a_part_only() {
        let matches = |pattern: &str, name: &str| glob(pattern).expect("a pattern").is_match(name);
        assert!(matches("a/*.j?", "a/x.js"));
        assert!(!matches("*", "a/b"));
        assert!(matches("**/b", "b") && matches("**/b", "a/c/b"));
        assert!(!matches("**/b", "b/c"));
        assert!(matches("[a]{b}*", "[a]{b}c") && !matches("[a]*", "a"));
    }
}
