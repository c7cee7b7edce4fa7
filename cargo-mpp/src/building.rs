//! Builds a project into a signed and verified package on disk, for every command that takes a project.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use mpp_build::{BuildOptions, Built, DevMappings, Event, Project, UnusedFlag};
use mpp_home::files::{self, Access};
use mpp_host::Host;
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Manifest, PackageBytes};
use mpp_host::signature::{self, Toolchain};

use crate::cli::SelectArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::packages::PackageError;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording::ManifestKind;
use crate::{hosting, installed, interrupt, packages, passphrase};

/// The engine for tools in JavaScript. `mpp-sdk/languages/js/engine/build` compiles it.
const JS_ENGINE: &[u8] = include_bytes!("../embedded/languages/js/engine/engine.wasm");

/// The error returned when there is no publisher key to sign with.
#[derive(Debug, thiserror::Error)]
#[error("there is no publisher key to sign with")]
pub(crate) struct NoPublisherKey;

impl Coded for NoPublisherKey {
    fn code(&self) -> &'static Code {
        &codes::C019
    }
}

impl Explain for NoPublisherKey {
    fn advice(&self) -> String {
        "generate one with `mpp keygen`, or name one with `-k FILE`".to_owned()
    }
}

/// A package that was built.
#[derive(Debug)]
pub(crate) struct Made {
    /// Path of the package.
    pub(crate) path: PathBuf,
    /// Size of the package in bytes.
    pub(crate) packed_bytes: u64,
    /// The report of the build.
    pub(crate) built: Built,
    /// The verified package; absent if it is not signed.
    pub(crate) verified: Option<VerifiedPackage>,
}

/// A package to be run or examined.
#[derive(Debug)]
pub(crate) struct Target {
    /// The verified package.
    pub(crate) package: VerifiedPackage,
    /// Path of the package.
    pub(crate) path: PathBuf,
    /// The project's own mappings, if the package was built from a project.
    pub(crate) dev: Option<DevMappings>,
    /// The module with debug names, if the package was built from a project.
    pub(crate) symbols: Option<PathBuf>,
    /// Where the author declares capabilities.
    pub(crate) manifest: ManifestKind,
}

/// Returns the key that signs if the user does not name one.
///
/// # Errors
/// Returns an error if a key exists and cannot be used, or if none can be created.
pub(crate) fn default_key(session: &Session, ui: &Ui) -> Result<SigningKey, Error> {
    let found = session.home().keys().default_key(|path| passphrase::of_key(session, ui, path))?;
    if let Some(path) = &found.created {
        ui.detail("Created", &format!("a local development key {} ({})", found.key.id(), path.display()));
    }
    Ok(found.key)
}

/// Builds the project in `dir` for the user's own use: signed with the user's key, in the usual place.
///
/// # Errors
/// Returns an error if the project cannot be built, signed or verified.
pub(crate) fn for_own_use(
    session: &Session,
    ui: &Ui,
    select: &SelectArgs,
    host: &Host,
    dir: &Path,
) -> Result<Target, Error> {
    let project = find(dir, select)?;
    let key = default_key(session, ui)?;
    let options = options(ui, select);
    let started = Instant::now();
    let mut compiled = false;
    let mut events = |event: Event| {
        compiled |= matches!(&event, Event::CargoLine(line) if says_compiling(line));
        // Notes about the project are for `mpp build`.
        if !matches!(event, Event::FlagsUnused { .. } | Event::Unsupported { .. }) {
            show_event(session, ui, &event);
        }
    };
    let built = mpp_build::build(&project, &options, host, &mut events)?;
    let made = finish(built, Some(&key), None, host)?;
    if compiled {
        ui.status("Finished", &format!("{} in {:.1} s", session.shown(&made.path), started.elapsed().as_secs_f64()));
    }
    ui.progress_done();
    let package = made.verified.ok_or(NoPublisherKey)?;
    let manifest = if project.is_cargo() { ManifestKind::Cargo } else { ManifestKind::Json };
    let dev = Some(project.dev().clone());
    Ok(Target { package, path: made.path, dev, symbols: made.built.symbols, manifest })
}

/// Returns the verified package at `path`, which is a package file or a project to build.
///
/// # Errors
/// Returns an error if the package cannot be read or does not pass, or if the project cannot be built.
pub(crate) fn package_at(
    session: &Session,
    ui: &Arc<Ui>,
    select: &SelectArgs,
    path: &Path,
) -> Result<VerifiedPackage, Error> {
    let resolved = session.resolve(path);
    if !resolved.is_dir() {
        let path = packages::locate_to_read(session, ui, path)?;
        return installed::adopt(session, &path, packages::open(&path)?);
    }
    let host = hosting::host(session, ui)?;
    Ok(for_own_use(session, ui, select, &host, &resolved)?.package)
}

/// Returns the path of the package file at `path`, which is a package file or a project to build.
///
/// # Errors
/// Returns an error if the project cannot be built.
pub(crate) fn file_at(session: &Session, ui: &Arc<Ui>, select: &SelectArgs, path: &Path) -> Result<PathBuf, Error> {
    let resolved = session.resolve(path);
    if !resolved.is_dir() {
        return packages::locate_to_read(session, ui, path);
    }
    let host = hosting::host(session, ui)?;
    Ok(for_own_use(session, ui, select, &host, &resolved)?.path)
}

/// Returns the project in `path` that the options select.
///
/// # Errors
/// Returns an error if there is none, or if there are several and none was selected.
pub(crate) fn find(path: &Path, select: &SelectArgs) -> Result<Project, Error> {
    let found = match &select.package {
        Some(name) => Project::find_package(path, name)?,
        None => Project::find(path)?,
    };
    Ok(found)
}

/// Returns the build options of the command line. Ctrl-C cancels the build.
pub(crate) fn options(ui: &Ui, select: &SelectArgs) -> BuildOptions {
    let mut options = BuildOptions::default();
    options.bin.clone_from(&select.bin);
    options.features.clone_from(&select.features);
    options.locked = select.locked;
    options.offline = select.offline;
    options.color = ui.has_colors();
    options.progress = ui.has_moving_line();
    options.js_engine = Some(JS_ENGINE);
    interrupt::watch();
    interrupt::cancel_on_interrupt(&options.cancel);
    options
}

/// Signs the package (unless `key` is `None`), verifies it as any host would, and writes it in one step.
///
/// # Errors
/// Returns an error if the package cannot be signed, does not pass, or cannot be written.
pub(crate) fn finish(
    built: Built,
    key: Option<&SigningKey>,
    output: Option<&Path>,
    host: &Host,
) -> Result<Made, Error> {
    let dir = output.map_or_else(|| built.output_dir.clone(), Path::to_owned);
    files::create_dir(&dir, Access::Shared)?;
    let Some(key) = key else {
        let path = dir.join(format!("{}.unsigned.mpp", built.file_stem()));
        packages::write(&path, built.unsigned.bytes(), Access::Shared)?;
        return Ok(Made { path, packed_bytes: built.unsigned.bytes().len() as u64, built, verified: None });
    };
    let path = dir.join(file_name(built.manifest(), key.role()));
    let signed: PackageBytes = signature::sign(built.unsigned.clone(), key, &built.toolchain)
        .map_err(|source| PackageError::Sign { path: path.clone(), source })?;
    let verified = host.verify(signed.clone()).outcome.map_err(|refusal| PackageError::refused(&path, refusal))?;
    packages::write(&path, signed.as_slice(), Access::Shared)?;
    Ok(Made { path, packed_bytes: signed.as_slice().len() as u64, built, verified: Some(verified) })
}

/// Returns the file name of a package: `NAME-VERSION.mpp`, or `NAME-VERSION.dev.mpp` if a development key signed it.
pub(crate) fn file_name(manifest: &Manifest, role: KeyRole) -> String {
    let suffix = match role {
        KeyRole::Publisher => "mpp",
        KeyRole::Development => "dev.mpp",
    };
    format!("{}-{}.{suffix}", manifest.name, manifest.version)
}

/// Returns the toolchain to attest for a package that does not name one.
pub(crate) fn unknown_toolchain() -> Toolchain {
    Toolchain::new(concat!("cargo-mpp ", env!("CARGO_PKG_VERSION")))
}

/// Shows the progress of a build.
pub(crate) fn show_event(session: &Session, ui: &Ui, event: &Event) {
    match event {
        Event::AddingTarget { target } => {
            ui.progress("Adding", &format!("the Rust target {target}, with rustup"), true)
        }
        Event::FlagsUnused { source, flags } => ui.note(&unused_flags(source, flags)),
        Event::Unsupported { api } => {
            ui.note(&format!("the module contains code of `{}`, which fails when it runs: {}", api.name, api.instead));
        }
        Event::OutputUntouched { output, written } => {
            let (output, written) = (session.shown(output), session.shown(written));
            ui.note(&format!("the build command did not write `{output}`, but `{written}`; the old file is packed"));
        }
        // Only cargo knows whether there is anything to compile; without a terminal the line is printed when cargo compiles.
        Event::Compiling { package, target } => ui.progress("Compiling", &format!("{package} for {target}"), false),
        Event::RunningCommand { command } => ui.progress("Running", command, true),
        Event::Progress { done, total, what } => ui.progress_count(*done, *total, what),
        Event::CargoLine(line) if says_compiling(line) => {
            if !ui.has_moving_line() {
                ui.progress_once("Compiling", "the tool and its dependencies");
            }
            ui.foreign_line(line, true);
        }
        Event::CargoLine(line) => ui.foreign_line(line, is_cargo_status(line)),
        Event::RustupLine(line) | Event::CommandLine(line) => ui.foreign_line(line, true),
        Event::CompilerLine(line) => ui.foreign_line(line, false),
        Event::Describing { .. } => ui.progress("Describing", "the tools of the module", false),
        Event::Packing { .. } => ui.progress("Packing", "", false),
        Event::BuildingCopy { dir } => ui.status("Repeating", &format!("the build in {}", session.shown(dir))),
        _ => {}
    }
}

/// Words the note about the author's compiler flags that are not used.
fn unused_flags(source: &str, flags: &[UnusedFlag]) -> String {
    let lines = flags.iter().map(|unused| format!("`{}`: {}", unused.flag, unused.reason)).collect::<Vec<_>>();
    format!("compiler flags in {source} that are not used for the module:\n{}", lines.join("\n"))
}

/// Returns whether a line is a status line of cargo, and not a message of the compiler.
fn is_cargo_status(line: &str) -> bool {
    let plain = anstream::adapter::strip_str(line).to_string();
    let indented = plain.len() - plain.trim_start().len();
    let verb = plain.split_whitespace().next().unwrap_or_default();
    plain.trim().is_empty() || (indented > 0 && indented + verb.len() == 12 && verb.starts_with(char::is_uppercase))
}

/// Returns whether a line is the status line of a compilation.
fn says_compiling(line: &str) -> bool {
    anstream::adapter::strip_str(line).to_string().trim_start().starts_with("Compiling ")
}

#[cfg(test)]
mod tests {
    use super::is_cargo_status;

    #[test]
    fn tells_status_lines_from_messages() {
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
