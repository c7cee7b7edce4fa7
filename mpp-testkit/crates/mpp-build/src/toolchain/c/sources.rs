//! The sources of a C or C++ project without a build system of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::compiler::Language;

/// Extensions of sources in C++.
const CPP: &[&str] = &["cc", "cpp", "cxx"];
/// Extensions of headers.
const HEADERS: &[&str] = &["h", "hh", "hpp", "hxx", "inc"];
/// Directories that do not belong to the tool.
const SKIPPED: &[&str] = &["target", "build", "test", "tests", "node_modules"];
/// How deep sources are looked for.
const DEPTH: usize = 8;

/// The sources of a project, sorted.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// What is compiled.
    pub(super) units: Vec<(PathBuf, Language)>,
    headers: Vec<PathBuf>,
}

impl Sources {
    /// Lists the sources below `dir`.
    pub(super) fn of(dir: &Path) -> Self {
        let mut sources = Self::default();
        sources.add(dir, DEPTH);
        sources
    }

    /// Returns the first source in `dir` itself or in its directory `src`.
    pub(super) fn first(dir: &Path, language: Language) -> Option<String> {
        let mut sources = Self::default();
        sources.add(dir, 0);
        sources.add(&dir.join("src"), 0);
        let found = sources.units.iter().find(|(_, found)| *found == language)?;
        Some(found.0.strip_prefix(dir).unwrap_or(&found.0).display().to_string())
    }

    fn add(&mut self, dir: &Path, depth: usize) {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                if depth > 0 && !SKIPPED.contains(&name.as_str()) {
                    self.add(&path, depth - 1);
                }
                continue;
            }
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("c") => self.units.push((path, Language::C)),
                Some(extension) if CPP.contains(&extension) => self.units.push((path, Language::Cpp)),
                Some(extension) if HEADERS.contains(&extension) => self.headers.push(path),
                _ => {}
            }
        }
    }

    /// Returns the language of the project: C++ if any of the sources is.
    pub(super) fn language(&self) -> Language {
        if self.units.iter().any(|(_, language)| *language == Language::Cpp) { Language::Cpp } else { Language::C }
    }

    /// Returns the directories in which headers are, for `#include`.
    pub(super) fn include_dirs(&self) -> Vec<PathBuf> {
        let dirs: BTreeSet<PathBuf> =
            self.headers.iter().filter_map(|path| path.parent()).map(Path::to_owned).collect();
        dirs.into_iter().collect()
    }

    /// Returns a digest of all sources and of `settings`, by which a build is recognised that would do nothing new.
    pub(super) fn digest(&self, settings: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(settings);
        for path in self.units.iter().map(|(path, _)| path).chain(&self.headers) {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).unwrap_or_default();
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hex::encode(hash.finalize())
    }
}
