//! Packages what is published, verifies each package, and installs the program from its package alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Outcome, Step as _, cargo, root};

/// The crates that are published: the members whose manifest does not say `publish = false`, itself or through the workspace.
pub(super) fn published() -> Result<Vec<String>, String> {
    let manifest = read(&root().join("Cargo.toml"))?;
    let members = manifest.split_once("\nmembers = [").and_then(|(_, rest)| rest.split_once(']')).map(|(list, _)| list);
    let mut names = Vec::new();
    for member in members.unwrap_or_default().split('"').skip(1).step_by(2) {
        let manifest = read(&root().join(member).join("Cargo.toml"))?;
        let is_kept = manifest.lines().any(|line| line == "publish.workspace = true" || line == "publish = false");
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = \""));
        if let (Some(name), false) = (name, is_kept) {
            names.push(name.trim_end_matches('"').to_owned());
        }
    }
    Ok(names)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Packages and verifies; with `--install`, installs the program from the unpacked packages, outside the checkout.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let (own, rest): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| *argument == "--install");
    let target = target();
    let mut command = cargo(&["package"]);
    let members = published()?;
    for member in &members {
        command.args(["-p", member]);
    }
    // One target directory for all of them, so that their common dependencies are compiled once; and no debug information.
    command.args(rest).env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_DEV_DEBUG", "false").step()?;
    if own.is_empty() { Ok(()) } else { install(&target, &members) }
}

/// What `cargo package` writes stays apart from the target directory of every day.
fn target() -> PathBuf {
    root().join("target/packaging")
}

/// Unpacks what was packaged and installs the program from it: nothing of the checkout is in reach.
fn install(target: &Path, members: &[String]) -> Outcome {
    let place = target.join("unpacked");
    fs::remove_dir_all(&place).or_else(absent).map_err(|error| format!("{}: {error}", place.display()))?;
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let mut install = cargo(&["install", "--debug", "--locked", "--offline", "--force"]);
    for member in members {
        let name = format!("{member}-{}", env!("CARGO_PKG_VERSION"));
        let archive = target.join("package").join(format!("{name}.crate"));
        let unpacked = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&place).status();
        if !unpacked.is_ok_and(|status| status.success()) {
            return Err(format!("{} cannot be unpacked", archive.display()));
        }
        let path = place.join(&name);
        if member == "cargo-mpp" {
            install.arg("--path").arg(&path);
        } else {
            // Until they are published, the packages stand in for the registry.
            install.arg("--config").arg(format!("patch.crates-io.{member}.path={:?}", path.display().to_string()));
        }
    }
    let root = target.join("installed");
    install.arg("--root").arg(&root).current_dir(&place).env("CARGO_TARGET_DIR", target).step()?;
    eprintln!("installed in {}", root.display());
    Ok(())
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
