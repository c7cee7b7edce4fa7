//! Lists the files that `new` writes (templates, the SDK's sources, the lock file) for `src/template/embedded.rs`.
//!
//! Everything is read below `embedded/`: in a checkout its entries are symbolic links to the sources, and `cargo package`
//! puts the files themselves in their place. So a packaged program builds without the checkout, and no copy can be stale.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// A `Cargo.toml` below a package would make cargo leave its directory out, so the links have another name.
const MANIFEST: &str = "manifest.toml";
/// Git does not follow a link named `.gitignore`.
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

/// Adds every file below `dir`, by the name that it gets in a new project.
fn list(code: &mut String, dir: &Path, prefix: &str) -> io::Result<()> {
    watch(dir);
    for path in sorted(dir)? {
        let name = name(&path);
        // What a checkout may have beside a template's sources after somebody built it in place.
        if matches!(name.as_str(), "target" | "Cargo.lock") {
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

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|error| named(dir, &error))?;
    let mut paths = entries.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The path, if a file is there: a broken link is named here and not by the compiler, in a generated file.
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
