//! Lists the files that `new` writes (templates, the SDK's sources, the lock file) for `src/template/embedded.rs`.
//!
//! The program carries them, so that an installed one works without the checkout it was built from.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The crates a new project needs, with their directories in the checkout.
const VENDORED: &[(&str, &str)] = &[
    ("mpp-sdk", "mpp-sdk"),
    ("mpp-macros", "mpp-macros"),
    ("mpp-testkit", "mpp-testkit"),
    ("mpp-host", "mpp-testkit/crates/mpp-host"),
    ("mpp-build", "mpp-testkit/crates/mpp-build"),
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..").canonicalize()?;
    let mut code = String::new();
    for (constant, file) in [("WORKSPACE", "Cargo.toml"), ("LOCK", "Cargo.lock")] {
        let path = watched(root.join(file));
        line(&mut code, format_args!("pub(super) const {constant}: &str = include_str!({path:?});"));
    }
    line(&mut code, format_args!("pub(super) const TEMPLATES: &[(&str, &[(&str, &str)])] = &["));
    for template in sorted(&watched(root.join("templates")))?.into_iter().filter(|path| path.is_dir()) {
        line(&mut code, format_args!("({:?}, &[", name(&template)));
        list(&mut code, &template, "")?;
        line(&mut code, format_args!("]),"));
    }
    line(&mut code, format_args!("];"));
    line(&mut code, format_args!("pub(super) const CRATES: &[(&str, &str, &[(&str, &str)])] = &["));
    for (crate_, dir) in VENDORED {
        let dir = root.join(dir);
        let manifest = watched(dir.join("Cargo.toml"));
        line(&mut code, format_args!("({crate_:?}, include_str!({manifest:?}), &["));
        list(&mut code, &watched(dir.join("src")), "src/")?;
        line(&mut code, format_args!("]),"));
    }
    line(&mut code, format_args!("];"));
    line(&mut code, format_args!("pub(super) const LICENSES: &[(&str, &str)] = &["));
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let path = watched(root.join(file));
        line(&mut code, format_args!("({file:?}, include_str!({path:?})),"));
    }
    line(&mut code, format_args!("];"));
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("embedded.rs"), code)
}

/// Every file below `dir`, by name.
fn list(code: &mut String, dir: &Path, prefix: &str) -> io::Result<()> {
    for path in sorted(dir)? {
        let inner = format!("{prefix}{}", name(&path));
        if path.is_dir() && name(&path) != "target" {
            list(code, &path, &format!("{inner}/"))?;
        } else if path.is_file() && name(&path) != "Cargo.lock" {
            line(code, format_args!("({inner:?}, include_str!({path:?})),"));
        }
    }
    Ok(())
}

fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn watched(path: PathBuf) -> PathBuf {
    // Build scripts talk to cargo on stdout.
    io::Write::write_all(&mut io::stdout(), format!("cargo::rerun-if-changed={}\n", path.display()).as_bytes())
        .unwrap_or_default();
    path
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn line(code: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(code, "{text}").unwrap_or_default();
}
