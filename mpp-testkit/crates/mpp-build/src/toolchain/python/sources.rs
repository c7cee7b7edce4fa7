//! The sources of a Python project: the module with the tools, and what its component is made of.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::FILE;
use crate::error::BuildError;
use crate::project::KeyError;

/// Directories that do not belong to the tool.
const SKIPPED: &[&str] = &["target", "tests", "venv", "node_modules", "__pycache__", "build", "dist"];
/// How deep sources are looked for.
const DEPTH: usize = 12;
/// Modules of the standard library that the interpreter in the sandbox lacks.
const ABSENT: &[&str] = &[
    "_bz2", "_ctypes", "_curses", "_lzma", "_ssl", "_tkinter", "bz2", "ctypes", "curses", "fcntl", "grp", "lzma",
    "mmap", "msvcrt", "pty", "pwd", "readline", "resource", "ssl", "syslog", "termios", "tkinter", "tty", "turtle",
    "winreg",
];

/// The sources of a project.
#[derive(Debug)]
pub(super) struct Sources {
    /// The directory from which the module is imported.
    pub(super) root: PathBuf,
    /// The name of the module with the tools.
    pub(super) module: String,
}

impl Sources {
    /// Finds the module with the tools of the project in `dir`: the one that `pyproject.toml` names, or `main`, `tool`, or the one
    /// with the name of the package, in the directory itself or in `src`.
    pub(super) fn of(dir: &Path, name: &str) -> Result<Self, BuildError> {
        let file = dir.join(FILE);
        let text = std::fs::read_to_string(&file).map_err(|source| BuildError::Read { path: file.clone(), source })?;
        let project: toml::Table = toml::from_str(&text).map_err(|error| {
            let help = "correct it until Python's own tools can read it";
            BuildError::Key { file: file.clone(), source: KeyError::new("", error.message(), help) }
        })?;
        let stated = project.get("tool").and_then(|tool| tool.get("mpp")).and_then(|mpp| mpp.get("module"));
        let stated = stated.and_then(toml::Value::as_str);
        let named = name.replace('-', "_");
        let names = match stated {
            Some(module) => vec![module],
            None => vec!["main", "tool", &named],
        };
        for root in [dir.to_owned(), dir.join("src")] {
            if let Some(module) = names.iter().find(|module| is_module(&root, module)) {
                return Ok(Self { module: (*module).to_owned(), root });
            }
        }
        let message = match stated {
            Some(module) => {
                format!("`tool.mpp.module`: there is no module `{module}` in the project or in its directory `src`")
            }
            None => format!(
                "there is neither `main.py`, `tool.py`, nor a module `{named}` in the project or in its directory `src`"
            ),
        };
        let help = "name the module with the tools: `module = \"NAME\"` under `[tool.mpp]`";
        Err(BuildError::Key { file, source: KeyError::new("tool.mpp.module", message, help) })
    }

    /// Returns the directory of the sources relative to the project, with a slash at its end; empty if it is the project's.
    pub(super) fn shown_root(&self, dir: &Path) -> String {
        match self.root.strip_prefix(dir) {
            Ok(below) if below.as_os_str().is_empty() => String::new(),
            Ok(below) => format!("{}/", below.display()),
            Err(_) => format!("{}/", self.root.display()),
        }
    }

    /// Returns whether the SDK is in the project or in one of the directories with installed packages.
    pub(super) fn has_sdk(&self, site_packages: &[PathBuf]) -> bool {
        std::iter::once(&self.root).chain(site_packages).any(|dir| dir.join("mpp/_component.py").is_file())
    }

    /// Returns the files of the project that a component can contain.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        files(&self.root, DEPTH)
    }

    /// Returns a digest of all sources, of `settings` and of the installed packages, by which a build is recognised that would do
    /// nothing new.
    pub(super) fn digest(&self, settings: &[&str], site_packages: &[PathBuf]) -> String {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        settings.iter().for_each(|setting| add(setting.as_bytes()));
        for path in self.files() {
            add(path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy().as_bytes());
            add(&std::fs::read(&path).unwrap_or_default());
        }
        for dir in site_packages {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            let mut names: Vec<String> =
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names.iter().for_each(|name| add(name.as_bytes()));
        }
        hex::encode(hash.finalize())
    }
}

/// Returns whether a dotted module exists below `root`.
fn is_module(root: &Path, module: &str) -> bool {
    let path = module.split('.').fold(root.to_owned(), |path, part| path.join(part));
    path.with_extension("py").is_file() || path.join("__init__.py").is_file()
}

/// Returns the files below `dir` that a component can contain, sorted.
fn files(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth > 0 && !SKIPPED.contains(&name.as_str()) {
                found.extend(files(&path, depth - 1));
            }
        } else if !name.ends_with(".mpp") && !name.ends_with(".pyc") {
            found.push(path);
        }
    }
    found
}

/// Returns why a module cannot be imported, as the end of a sentence.
pub(super) fn why_missing(module: &str, site_packages: &[PathBuf]) -> String {
    let first = module.split('.').next().unwrap_or(module);
    if ABSENT.contains(&first) {
        return "it belongs to the standard library, but the sandbox does not have it".to_owned();
    }
    let installed = site_packages.iter().map(|dir| dir.join(first)).find(|path| path.is_dir());
    if installed.is_some_and(|dir| has_machine_code(&dir, 4)) {
        return format!(
            "`{first}` contains machine code of this computer, and only packages that are entirely in Python run in the sandbox"
        );
    }
    format!("it is neither in the project nor installed in its environment; `pip install {first}` if it is a package")
}

/// Returns whether a package contains extension modules.
fn has_machine_code(dir: &Path, depth: usize) -> bool {
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return depth > 0 && has_machine_code(&path, depth - 1);
        }
        path.extension().is_some_and(|extension| extension == "so" || extension == "pyd")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Sources, why_missing};

    #[test]
    fn the_module_is_the_one_that_is_named_or_has_a_usual_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        };
        let found =
            || Sources::of(dir.path(), "my-tool").map(|found| (found.module.clone(), found.shown_root(dir.path())));
        write("pyproject.toml", "[project]\nname = \"my-tool\"\n");
        let error = found().expect_err("no module");
        assert!(std::error::Error::source(&error).expect("a source").to_string().contains("`my_tool`"), "{error:?}");
        write("src/my_tool/__init__.py", "");
        assert_eq!(found().expect("a package"), ("my_tool".to_owned(), "src/".to_owned()));
        write("main.py", "");
        assert_eq!(found().expect("a file"), ("main".to_owned(), String::new()));
        write("pyproject.toml", "[tool.mpp]\nmodule = \"my_tool.tools\"\n");
        write("src/my_tool/tools.py", "");
        assert_eq!(found().expect("a module"), ("my_tool.tools".to_owned(), "src/".to_owned()));
        write("pyproject.toml", "[tool.mpp]\nmodule = \"none\"\n");
        assert!(found().is_err());
        write("pyproject.toml", "[tool");
        assert!(found().is_err());
    }

    #[test]
    fn a_change_of_a_source_changes_the_digest() {
        let dir = tempfile::tempdir().expect("a directory");
        let sources = Sources { root: dir.path().to_owned(), module: "main".to_owned() };
        fs::write(dir.path().join("main.py"), "a").expect("written");
        let before = sources.digest(&["1"], &[]);
        assert_eq!(before, sources.digest(&["1"], &[]));
        assert_ne!(before, sources.digest(&["2"], &[]));
        fs::create_dir(dir.path().join("tests")).expect("made");
        fs::write(dir.path().join("tests/test_main.py"), "b").expect("written");
        assert_eq!(before, sources.digest(&["1"], &[]));
        fs::write(dir.path().join("main.py"), "b").expect("written");
        assert_ne!(before, sources.digest(&["1"], &[]));
    }

    #[test]
    fn a_missing_module_is_explained() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(dir.path().join("numpy/_core")).expect("made");
        fs::write(dir.path().join("numpy/_core/x.cpython-311-x86_64-linux-gnu.so"), "").expect("written");
        let site = [dir.path().to_owned()];
        assert!(why_missing("numpy._core", &site).contains("machine code"));
        assert!(why_missing("ssl", &site).contains("standard library"));
        assert!(why_missing("nothing", &site).contains("`pip install nothing`"));
    }
}
