//! Lists the files that `new` writes (templates, the SDK's sources, the lock file) for `src/template/embedded.rs`.
//!
//! All files are read from `embedded/`. In a checkout its entries are symbolic links to the sources; `cargo package` replaces
//! the links with the files. A packaged program therefore builds without the checkout, and no copy can be out of date.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The name of the links to `Cargo.toml`. cargo leaves a directory with a `Cargo.toml` out of the package that contains it.
const MANIFEST: &str = "manifest.toml";
/// The name of the links to `.gitignore`. Git does not follow a link with that name.
const IGNORED: &str = "gitignore";

fn main() -> io::Result<()> {
    let embedded = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("embedded");
    watch(&embedded);
    let mut code = String::new();
    for (constant, file) in [("WORKSPACE", "workspace.toml"), ("LOCK", "Cargo.lock")] {
        let path = watched_file(embedded.join(file))?;
        line(&mut code, format_args!("pub(super) const {constant}: &str = include_str!({path:?});"));
    }
    line(&mut code, format_args!("pub(super) const TEMPLATES: &[(&str, &[(&str, &str)])] = &["));
    for template in sorted(&embedded.join("templates"))? {
        line(&mut code, format_args!("({:?}, &[", name(&template)));
        list(&mut code, &template, "")?;
        line(&mut code, format_args!("]),"));
    }
    line(&mut code, format_args!("];"));
    line(&mut code, format_args!("pub(super) const LANGUAGES: &[(&str, &[(&str, &str)])] = &["));
    for sdk in sorted(&embedded.join("languages"))? {
        line(&mut code, format_args!("({:?}, &[", name(&sdk)));
        list_sdk(&mut code, &sdk, "")?;
        line(&mut code, format_args!("]),"));
    }
    line(&mut code, format_args!("];"));
    line(&mut code, format_args!("pub(super) const CRATES: &[(&str, &str, &[(&str, &str)])] = &["));
    for dir in sorted(&embedded.join("crates"))? {
        let manifest = watched_file(dir.join(MANIFEST))?;
        line(&mut code, format_args!("({:?}, include_str!({manifest:?}), &[", name(&dir)));
        list(&mut code, &dir.join("src"), "src/")?;
        line(&mut code, format_args!("]),"));
    }
    line(&mut code, format_args!("];"));
    line(&mut code, format_args!("pub(super) const LICENSES: &[(&str, &str)] = &["));
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let path = watched_file(embedded.join(file))?;
        line(&mut code, format_args!("({file:?}, include_str!({path:?})),"));
    }
    line(&mut code, format_args!("];"));
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("embedded.rs"), code)
}

/// Adds every file below `dir`, under the name that it has in a new project.
fn list(code: &mut String, dir: &Path, prefix: &str) -> io::Result<()> {
    watch(dir);
    for path in sorted(dir)? {
        let name = name(&path);
        // These exist in a checkout if the template was built in place.
        if matches!(name.as_str(), "target" | "Cargo.lock" | "__pycache__" | "node_modules" | "package-lock.json") {
            continue;
        }
        if path.is_dir() {
            list(code, &path, &format!("{prefix}{name}/"))?;
        } else {
            let written = match name.as_str() {
                MANIFEST => "Cargo.toml",
                IGNORED => ".gitignore",
                other => other,
            };
            let path = watched_file(path)?;
            line(code, format_args!("({:?}, include_str!({path:?})),", format!("{prefix}{written}")));
        }
    }
    Ok(())
}

/// Adds the files of an SDK in another language, without its tests and examples.
fn list_sdk(code: &mut String, dir: &Path, prefix: &str) -> io::Result<()> {
    watch(dir);
    for path in sorted(dir)? {
        let name = name(&path);
        if matches!(name.as_str(), "examples" | "tests" | "target" | "__pycache__" | "engine" | "node_modules")
            || name.ends_with("_test.go")
        {
            continue;
        }
        if path.is_dir() {
            list_sdk(code, &path, &format!("{prefix}{name}/"))?;
        } else {
            let path = watched_file(path)?;
            line(code, format_args!("({:?}, include_str!({path:?})),", format!("{prefix}{name}")));
        }
    }
    Ok(())
}

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|error| named(dir, &error))?;
    let mut paths = entries.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Returns the path if it is a file. Without this check, the compiler would report a broken link in a generated file.
fn watched_file(path: PathBuf) -> io::Result<PathBuf> {
    fs::metadata(&path).map_err(|error| named(&path, &error))?;
    watch(&path);
    Ok(path)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Tells cargo to run this script again when `path` changes. Build scripts talk to cargo on stdout.
fn watch(path: &Path) {
    io::Write::write_all(&mut io::stdout(), format!("cargo::rerun-if-changed={}\n", path.display()).as_bytes())
        .unwrap_or_default();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn line(code: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(code, "{text}").unwrap_or_default();
}
