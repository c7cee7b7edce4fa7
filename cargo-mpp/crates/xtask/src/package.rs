//! Packages what is published, verifies each package, and installs the program from its package alone.

mod program;

use std::env;
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

/// Packages what is published and compiles it from the unpacked packages, all of them in one workspace outside the checkout.
///
/// `--each` also lets cargo compile each package by itself, as `cargo publish` does. That takes several times as long, because
/// each selects other features of the common dependencies. `--install` installs the program from its package.
///
/// `--wheel` and `--npm` pack the program instead; see RELEASING.md for their options.
pub(super) fn run(arguments: &[String]) -> Outcome {
    if let Some(outcome) = program::run(arguments) {
        return outcome;
    }
    let (own, rest): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| OWN.contains(&argument.as_str()));
    let has = |option: &str| own.iter().any(|argument| *argument == option);
    let target = target();
    let mut command = cargo(&["package"]);
    let members = published()?;
    for member in &members {
        command.args(["-p", member]);
    }
    if !has("--each") {
        command.arg("--no-verify");
    }
    // One target directory for all of them, so that their common dependencies are compiled once; and no debug information.
    command.args(rest).env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_DEV_DEBUG", "false").step()?;
    let place = unpack(&target, &members)?;
    cargo(&["check", "--workspace", "--offline"])
        .current_dir(&place)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .step()?;
    if has("--install") { install(&target, &place) } else { Ok(()) }
}

/// The options that cargo does not get.
const OWN: [&str; 2] = ["--install", "--each"];

/// What `cargo package` writes stays apart from the target directory of every day.
fn target() -> PathBuf {
    root().join("target/packaging")
}

/// Unpacks the packages into a workspace of their own. Until they are published, they stand in for the registry.
fn unpack(target: &Path, members: &[String]) -> Result<PathBuf, String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    // Not below the checkout: cargo would take its workspace and its configuration.
    let place = env::temp_dir().join(format!("mpp-packages-{}", std::process::id()));
    fs::remove_dir_all(&place).or_else(absent).map_err(|error| failed(&place, error))?;
    fs::create_dir_all(&place).map_err(|error| failed(&place, error))?;
    let (mut list, mut patches) = (String::new(), String::new());
    for member in members {
        let name = format!("{member}-{}", env!("CARGO_PKG_VERSION"));
        let archive = target.join("package").join(format!("{name}.crate"));
        let unpacked = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&place).status();
        if !unpacked.is_ok_and(|status| status.success()) {
            return Err(format!("{} cannot be unpacked", archive.display()));
        }
        list.push_str(&format!("{name:?}, "));
        patches.push_str(&format!("{member} = {{ path = {name:?} }}\n"));
    }
    let manifest = format!("[workspace]\nmembers = [{list}]\nresolver = \"3\"\n\n[patch.crates-io]\n{patches}");
    let path = place.join("Cargo.toml");
    fs::write(&path, manifest).map_err(|error| failed(&path, error))?;
    let path = place.join("Cargo.lock");
    fs::copy(root().join("Cargo.lock"), &path).map_err(|error| failed(&path, error))?;
    Ok(place)
}

/// Installs the program from its package: nothing of the checkout is in reach.
fn install(target: &Path, place: &Path) -> Outcome {
    let root = target.join("installed");
    let program = place.join(format!("cargo-mpp-{}", env!("CARGO_PKG_VERSION")));
    cargo(&["install", "--debug", "--offline", "--force", "--path"])
        .arg(&program)
        .arg("--root")
        .arg(&root)
        .current_dir(place)
        .env("CARGO_TARGET_DIR", target)
        .step()?;
    eprintln!("installed in {}", root.display());
    Ok(())
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
