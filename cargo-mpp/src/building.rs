//! From a project to a signed and verified package on disk: what `build` and `run DIR` share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_build::{BuildOptions, Built, Dev, Event, Project};
use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Manifest, PackageBytes};
use mpp_host::signature::{self, Toolchain};

use crate::atomic::{self, Mode};
use crate::cli::SelectArgs;
use crate::error::Error;
use crate::session::Session;
use crate::ui::Ui;
use crate::{hosting, interrupt, keystore, packages};

/// A package that was built.
#[derive(Debug)]
pub(crate) struct Made {
    /// Where it was written.
    pub(crate) path: PathBuf,
    /// The whole file's size.
    pub(crate) packed_bytes: u64,
    /// What the builder reports.
    pub(crate) built: Built,
    /// The package as the Gatekeeper passed it; absent for an unsigned one.
    pub(crate) verified: Option<VerifiedPackage>,
}

/// A package that is to be run or looked at.
#[derive(Debug)]
pub(crate) struct Target {
    /// The package as the Gatekeeper passed it.
    pub(crate) package: VerifiedPackage,
    /// Its file.
    pub(crate) path: PathBuf,
    /// The project's own mappings, where it was built here.
    pub(crate) dev: Option<Dev>,
    /// The module with its names, where it was built here.
    pub(crate) symbols: Option<PathBuf>,
}

/// Builds the project below `dir` for whoever works on it: signed with their key, in its usual place.
///
/// # Errors
/// Whatever building fails with.
pub(crate) fn for_own_use(
    session: &Session,
    ui: &Ui,
    select: &SelectArgs,
    host: &Host,
    dir: &Path,
) -> Result<Target, Error> {
    let project = find(dir, select)?;
    let key = keystore::default_signer(session, ui)?;
    let options = options(ui, select);
    let built = mpp_build::build(&project, &options, host, &mut |event| show_event(session, ui, &event))?;
    let made = finish(built, Some(&key), None, host)?;
    ui.progress_done();
    let package = made.verified.ok_or(Error::NoPublisherKey)?;
    Ok(Target { package, path: made.path, dev: Some(project.dev().clone()), symbols: made.built.symbols })
}

/// The verified package at `path`: a package, or a project, which is built for whoever works on it.
///
/// # Errors
/// Where it does not build, cannot be read, or is refused.
pub(crate) fn package_at(
    session: &Session,
    ui: &Arc<Ui>,
    select: &SelectArgs,
    path: &Path,
) -> Result<VerifiedPackage, Error> {
    if !path.is_dir() {
        return packages::verify(path, packages::read(path)?);
    }
    let host = hosting::host(session, ui)?;
    Ok(for_own_use(session, ui, select, &host, path)?.package)
}

/// The project that the options select below `path`.
///
/// # Errors
/// Where there is none, or several and none was chosen.
pub(crate) fn find(path: &Path, select: &SelectArgs) -> Result<Project, Error> {
    let found = match &select.package {
        Some(name) => Project::find_package(path, name)?,
        None => Project::find(path)?,
    };
    Ok(found)
}

/// How to build, as the options say; Ctrl-C stops it.
pub(crate) fn options(ui: &Ui, select: &SelectArgs) -> BuildOptions {
    let mut options = BuildOptions::default();
    options.bin.clone_from(&select.bin);
    options.features.clone_from(&select.features);
    options.locked = select.locked;
    options.offline = select.offline;
    options.color = ui.has_colors();
    interrupt::watch();
    interrupt::cancel_on_interrupt(&options.cancel);
    options
}

/// Signs what was built (`None` leaves it unsigned), verifies it as any host would, and writes it whole.
///
/// # Errors
/// Where signing is refused, the package does not pass, or it cannot be written.
pub(crate) fn finish(
    built: Built,
    key: Option<&SigningKey>,
    output: Option<&Path>,
    host: &Host,
) -> Result<Made, Error> {
    let dir = output.map_or_else(|| built.output_dir.clone(), Path::to_owned);
    let Some(key) = key else {
        let path = dir.join(format!("{}.unsigned.mpp", built.file_stem()));
        write(&path, built.unsigned.bytes())?;
        return Ok(Made { path, packed_bytes: built.unsigned.bytes().len() as u64, built, verified: None });
    };
    let path = dir.join(file_name(built.manifest(), key.role()));
    let signed: PackageBytes = signature::sign(built.unsigned.clone(), key, &built.toolchain)
        .map_err(|source| Error::Sign { path: path.clone(), source })?;
    let verified = host
        .verify(signed.clone())
        .outcome
        .map_err(|refusal| Error::Refused { path: path.clone(), refusal: Box::new(refusal) })?;
    write(&path, signed.as_slice())?;
    Ok(Made { path, packed_bytes: signed.as_slice().len() as u64, built, verified: Some(verified) })
}

/// The name of a package's file: `NAME-VERSION.mpp`, `NAME-VERSION.dev.mpp` under a development key.
pub(crate) fn file_name(manifest: &Manifest, role: KeyRole) -> String {
    let suffix = match role {
        KeyRole::Publisher => "mpp",
        KeyRole::Development => "dev.mpp",
    };
    format!("{}-{}.{suffix}", manifest.name, manifest.version)
}

/// The attestation of a package that says nothing about what built it.
pub(crate) fn unknown_toolchain() -> Toolchain {
    Toolchain { builder: concat!("cargo-mpp ", env!("CARGO_PKG_VERSION")).to_owned(), ..Toolchain::default() }
}

/// Shows what a build reports.
pub(crate) fn show_event(session: &Session, ui: &Ui, event: &Event) {
    match event {
        Event::AddingTarget { target } => {
            ui.progress("Adding", &format!("the Rust target {target} through rustup"), true)
        }
        // cargo finds out whether there is anything to compile; without a terminal that is said when it does.
        Event::Compiling { package, target } => ui.progress("Compiling", &format!("{package} for {target}"), false),
        Event::RunningCommand { command } => ui.progress("Running", command, true),
        Event::CargoLine(line) if says_compiling(line) => {
            ui.progress_once("Compiling", "the tool and what it depends on");
            ui.foreign_line(line, true);
        }
        Event::CargoLine(line) => ui.foreign_line(line, is_cargo_status(line)),
        Event::RustupLine(line) | Event::CommandLine(line) => ui.foreign_line(line, true),
        Event::Describing { .. } => ui.progress("Describing", "the tools: the module is asked", false),
        Event::Packing { .. } => ui.progress("Packing", "", false),
        Event::BuildingCopy { dir } => ui.status("Repeating", &format!("the build in {}", session.shown(dir))),
        _ => {}
    }
}

/// Whether a line of cargo's is one of its own steps, and no message of the compiler.
fn is_cargo_status(line: &str) -> bool {
    let plain = anstream::adapter::strip_str(line).to_string();
    let indented = plain.len() - plain.trim_start().len();
    let verb = plain.split_whitespace().next().unwrap_or_default();
    plain.trim().is_empty() || (indented > 0 && indented + verb.len() == 12 && verb.starts_with(char::is_uppercase))
}

/// Whether cargo says that it compiles something.
fn says_compiling(line: &str) -> bool {
    anstream::adapter::strip_str(line).to_string().trim_start().starts_with("Compiling ")
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        atomic::directory(parent, Mode::Shared)?;
    }
    atomic::write(path, bytes, Mode::Shared)
}

#[cfg(test)]
mod tests {
    use super::is_cargo_status;

    #[test]
    fn tells_steps_from_messages() {
        assert!(is_cargo_status("   Compiling serde v1.0.0"));
        assert!(is_cargo_status("\u{1b}[1m\u{1b}[32m    Finished\u{1b}[0m `dev` profile"));
        assert!(is_cargo_status("    Updating crates.io index"));
        assert!(is_cargo_status(""));
        for message in
            ["error[E0308]: mismatched types", "  --> src/main.rs:1:1", "   |", "warning: unused", "  = note: x"]
        {
            assert!(!is_cargo_status(message), "{message}");
        }
    }
}
