//! `mpp rerun`: repeats a recorded call, without a network, and shows where it differs from its recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_home::{FileError, MappingRequest, StartOptions};
use mpp_host::audit::AuditLog;
use mpp_host::codes::{Code, Coded};
use mpp_host::package::Manifest;
use mpp_host::sandbox::kv::StateError;
use mpp_recording::recording::{CallReplay, FileChange, Recording, RecordingError, Repeated, file_changes};
use mpp_sdk::wire::nearest;

use crate::cli::RerunArgs;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::launching::{self, Deciding};
use crate::recording::{Budget, restore, snapshot};
use crate::reports::rerun::{Build, Rerun};
use crate::session::Session;
use crate::ui::Ui;
use crate::{hosting, interrupt, mappings};

/// An error of `mpp rerun`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RerunError {
    /// The recording cannot be read.
    #[error("the call cannot be repeated")]
    Recording {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        source: RecordingError,
    },
    /// The recording is of another package.
    #[error("the recording is of a call of `{recorded}`, and this package is `{found}`")]
    OtherPackage {
        /// The path of the recording.
        path: PathBuf,
        /// Id of the recorded package.
        recorded: String,
        /// Id of the package.
        found: String,
    },
    /// The package no longer has the tool.
    #[error("the package no longer has the recorded tool `{tool}`{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    NoTool {
        /// The path of the recording.
        path: PathBuf,
        /// The recorded tool.
        tool: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// The recorded state does not fit the package.
    #[error("the recorded state cannot be restored")]
    State {
        /// The path of the recording.
        path: PathBuf,
        /// The reason.
        source: StateError,
    },
    /// The recorded files cannot be restored.
    #[error("the recorded files of `{guest}` cannot be restored")]
    Files {
        /// The path of the recording.
        path: PathBuf,
        /// The declared path.
        guest: String,
        /// The reason.
        source: std::io::Error,
    },
}

impl Coded for RerunError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Recording { source, .. } => source.code(),
            Self::OtherPackage { .. } => &codes::C060,
            Self::NoTool { .. } => &codes::C061,
            Self::State { .. } | Self::Files { .. } => &codes::C063,
        }
    }
}

impl Explain for RerunError {
    fn place(&self) -> Option<String> {
        let (Self::Recording { path, .. }
        | Self::OtherPackage { path, .. }
        | Self::NoTool { path, .. }
        | Self::State { path, .. }
        | Self::Files { path, .. }) = self;
        Some(path.display().to_string())
    }
}

/// Repeats one call.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RerunArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let file = session.resolve(&args.file);
    let text = std::fs::read(&file).map_err(|source| FileError::read("the recording", &file, source))?;
    let recording = Recording::parse(&text).map_err(|source| RerunError::Recording { path: file.clone(), source })?;
    let scratch = tempfile::tempdir().map_err(|source| FileError::write(&std::env::temp_dir(), source))?;

    // Nothing leaves the sandbox, so the call is not one for the audit log.
    let audit = Arc::new(AuditLog::new(scratch.path().join("audit")));
    let builder = hosting::launcher(session, ui, &[])?.host(|host| host.audit(audit));
    let given = args.target.clone().unwrap_or_else(|| PathBuf::from(&recording.package.source));
    let (target, launcher) = launching::open(session, ui, &args.select, &given, builder)?;
    let manifest = target.package.manifest().clone();
    check(&recording, &manifest, &file)?;
    let content_hash = target.package.content_hash().to_string();
    let mut request = mappings::request(session, (&[], &args.env), target.dev.as_ref())?;
    let mapped = launcher.opened(target.package)?;

    let env = mapped_variables(session, &manifest, &request)?;
    let replay = Arc::new(CallReplay::new(recording.clone(), &env));
    let places = restore_files(&recording, &manifest, &replay, scratch.path(), &file)?;
    request.project_dirs.clear();
    request.dirs = places.iter().map(|place| (place.guest.clone(), place.host.clone())).collect();
    let mapped = mapped.map(&request, &|name| session.variable(name))?;

    let (tool, arguments) = (recording.tool.clone(), replay.arguments());
    let shown = session.shown(&target.path);
    let deciding = Deciding { path: &shown, yes: args.yes, allow_local: false, has_no_effect: true };
    let (decided, _) = launching::decide(session, ui, deciding, &launcher, mapped, (&tool, &arguments))?;
    ui.progress("Loading", &manifest.name, false);
    let mut options = StartOptions::default();
    options.linked = target.symbols.and_then(|path| std::fs::read(path).ok());
    let (hooks, state_dir) = (Arc::clone(&replay), scratch.path().join("kv"));
    options.change_grant = Some(Box::new(move |grant| hooks.attach(grant, &state_dir)));
    let mut launched = launcher.start(decided, options)?;
    if let Some(state) = launched.package().state() {
        replay.restore(&state).map_err(|source| RerunError::State { path: file.clone(), source })?;
    }
    ui.progress_done();
    let decision = launched.decided_call();
    let output = launched.package().call_with(&tool, &arguments, decision);

    let repeated = replay.finish(&output, &changed_files(&places, &replay));
    let report = Rerun {
        recording: session.shown(&file),
        package_id: manifest.package_id,
        recorded: Build {
            version: recording.package.version.clone(),
            content_hash: recording.package.content_hash.clone(),
        },
        build: Build { version: manifest.version.to_string(), content_hash },
        tool,
        identical: repeated.departures.is_empty(),
        notes: notes(&recording, &places, &repeated),
        repeated,
        call: output,
    };
    if report.identical {
        ui.show(&report)?;
        return Ok(Exit::Done);
    }
    let count = report.repeated.departures.len();
    let places = if count == 1 { "one place".to_owned() } else { format!("{count} places") };
    let diagnostic = Diagnostic::new(&codes::C062, format!("the call differs from its recording in {places}"))
        .at(report.recording.clone())
        .help("with another build, these are the effects of its changes; `--format json` prints every value in full");
    Ok(ui.show_failed(&report, diagnostic)?)
}

/// Checks that the package can repeat the call.
fn check(recording: &Recording, manifest: &Manifest, file: &Path) -> Result<(), RerunError> {
    let path = file.to_owned();
    if manifest.package_id != recording.package.id {
        let (recorded, found) = (recording.package.id.clone(), manifest.package_id.clone());
        return Err(RerunError::OtherPackage { path, recorded, found });
    }
    let names = || manifest.tool_definitions.iter().map(|tool| tool.name.as_str());
    if names().any(|name| name == recording.tool) {
        return Ok(());
    }
    let nearest = nearest(&recording.tool, names()).map(str::to_owned);
    Err(RerunError::NoTool { path, tool: recording.tool.clone(), nearest })
}

/// Returns the values of the variables, as the call will be given them.
fn mapped_variables(
    session: &Session,
    manifest: &Manifest,
    request: &MappingRequest,
) -> Result<Vec<(String, String)>, Error> {
    let mut only_env = request.clone();
    only_env.project_dirs.clear();
    Ok(mpp_home::resolve_mappings(manifest, &only_env, &|name| session.variable(name))?.env)
}

/// A declared path, and where its recorded contents were restored.
struct Place {
    guest: String,
    host: PathBuf,
    writable: bool,
    /// Whether the recording holds its contents.
    is_recorded: bool,
    before: Option<Vec<mpp_recording::recording::RecordedFile>>,
}

/// Restores the recorded files under `scratch`. A declared path that is not in the recording becomes an empty directory, so that no
/// file of this machine is read or changed.
fn restore_files(
    recording: &Recording,
    manifest: &Manifest,
    replay: &CallReplay,
    scratch: &Path,
    file: &Path,
) -> Result<Vec<Place>, Error> {
    let files = &manifest.capabilities.filesystem;
    let mut declared: Vec<&String> = files.read.iter().chain(&files.write).collect();
    declared.sort();
    declared.dedup();
    let mut places = Vec::new();
    for (index, guest) in declared.into_iter().enumerate() {
        let known = recording.files.iter().find(|known| known.path == *guest);
        let dir = scratch.join(format!("files-{index}"));
        let failed = |source| RerunError::Files { path: file.to_owned(), guest: guest.clone(), source };
        std::fs::create_dir(&dir).map_err(failed)?;
        let before = known.map(|known| known.before.as_slice()).unwrap_or_default();
        let host = restore(before, replay.markers(), &dir).map_err(failed)?;
        let writable = files.write.contains(guest);
        let before = snapshot(&host, replay.markers(), &mut Budget::default());
        places.push(Place { guest: guest.clone(), host, writable, is_recorded: known.is_some(), before });
    }
    Ok(places)
}

/// Returns what the call changed in the writable paths.
fn changed_files(places: &[Place], replay: &CallReplay) -> Vec<(String, Vec<FileChange>)> {
    let mut budget = Budget::default();
    let mut changed = Vec::new();
    for place in places.iter().filter(|place| place.writable) {
        let after = snapshot(&place.host, replay.markers(), &mut budget);
        if let (Some(before), Some(after)) = (&place.before, after) {
            changed.push((place.guest.clone(), file_changes(before, &after)));
        }
    }
    changed
}

/// Describes what the recording does not hold, and what this call read beyond it.
fn notes(recording: &Recording, places: &[Place], repeated: &Repeated) -> Vec<String> {
    let mut notes = Vec::new();
    if !recording.incomplete.is_empty() {
        notes.push(format!("the recording is incomplete, it lacks: {}", recording.incomplete.join(", ")));
    }
    for place in places.iter().filter(|place| !place.is_recorded) {
        notes.push(format!("`{}` is not in the recording and was empty for this call", place.guest));
    }
    let (recorded, used) = repeated.times;
    if used > recorded {
        notes.push(format!(
            "the call read its clocks {used} times, {recorded} of them are in the recording; the others are made up"
        ));
    }
    let (recorded, used) = repeated.random_bytes;
    if used > recorded {
        notes.push(format!(
            "the call used {used} random bytes, {recorded} of them are in the recording; the others are made up"
        ));
    }
    notes
}
