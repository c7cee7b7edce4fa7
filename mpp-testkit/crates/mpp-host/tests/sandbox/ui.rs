//! Programs that must not compile. Each leaves out one decision, and the compiler reports an exact error code.
//!
//! `tests/ui/complete.rs` compiles. Each other file differs from it in one decision, and its first line names the error.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// Returns the directory with the dependencies of this test.
fn dependencies() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// Compiles a program, and returns the codes of the compiler's errors.
fn compile(file: &Path, library: &Path) -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    let output = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--error-format", "json"])
        .arg("--extern")
        .arg(format!("mpp_host={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", dependencies().display()))
        .arg("--out-dir")
        .arg(out.path())
        .arg(file)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stderr).unwrap();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = messages.filter(|message| message["level"] == "error");
    let codes = errors.filter_map(|error| {
        let is_summary = error["spans"].as_array().is_some_and(Vec::is_empty) && error["code"].is_null();
        (!is_summary).then(|| error["code"]["code"].as_str().unwrap_or("no code").to_owned())
    });
    let codes: Vec<String> = codes.collect();
    assert_eq!(codes.is_empty(), output.status.success(), "{lines}");
    codes
}

/// Returns the library that this test is linked with. If there are several, it is the one with which `complete.rs`
/// compiles.
fn library() -> PathBuf {
    let mut libraries: Vec<PathBuf> = std::fs::read_dir(dependencies())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("libmpp_host-") && name.ends_with(".rlib")
        })
        .collect();
    libraries.sort_by_key(|path| std::cmp::Reverse(path.metadata().and_then(|file| file.modified()).ok()));
    let complete = dir().join("complete.rs");
    let found = libraries.iter().find(|library| compile(&complete, library).is_empty());
    found
        .unwrap_or_else(|| panic!("`tests/ui/complete.rs` does not compile: {:?}", compile(&complete, &libraries[0])))
        .clone()
}

#[test]
fn a_missing_decision_does_not_compile() {
    let library = library();
    let mut checked = 0;
    for entry in std::fs::read_dir(dir()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(expected) = text.lines().next().and_then(|line| line.strip_prefix("//! error: ")) else { continue };
        assert_eq!(compile(&path, &library), [expected], "{}", path.display());
        checked += 1;
    }
    assert_eq!(checked, 8);
}
