//! `mpp run`: verifies a package, decides whether it may run, and calls one of its tools.

mod failure;

use std::path::PathBuf;
use std::sync::Arc;

use mpp_home::{Decided, LaunchError, Launcher, LauncherBuilder, Mapped, StartOptions};
use mpp_host::Host;
use mpp_host::codes::{self as host_codes, Code, Coded};
use mpp_host::package::Manifest;
use mpp_host::trust::Trust;
use mpp_sdk::wire::nearest;
use serde_json::Value;

use self::failure::Subject;
use crate::approving::{self, CallRefused, Terminal};
use crate::building::{self, Target};
use crate::cli::RunArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::packages::PackageError;
use crate::reports::call::{CallResult, Introduction};
use crate::reports::package::ToolHelp;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording::ManifestKind;
use crate::{arguments, hosting, interrupt, mappings, packages, plain_words};

/// The error returned when the package has several tools and none was chosen.
#[derive(Debug, thiserror::Error)]
#[error("the package has {} tools: choose one", tools.len())]
pub(crate) struct ChooseTool {
    /// The names of the tools.
    tools: Vec<String>,
}

impl Coded for ChooseTool {
    fn code(&self) -> &'static Code {
        &codes::C008
    }
}

impl Explain for ChooseTool {
    fn advice(&self) -> String {
        let options: Vec<String> = self.tools.iter().map(|tool| format!("`--tool {tool}`")).collect();
        format!("pass one of {}", options.join(", "))
    }
}

/// The error returned when the package does not have the tool to describe.
#[derive(Debug, thiserror::Error)]
#[error("the package has no tool `{tool}`{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub(crate) struct UnknownTool {
    /// The requested name.
    tool: String,
    /// The most similar name of a tool.
    nearest: Option<String>,
}

impl Coded for UnknownTool {
    fn code(&self) -> &'static Code {
        &host_codes::R101
    }
}

impl Explain for UnknownTool {
    fn advice(&self) -> String {
        host_codes::R101.help.to_owned()
    }
}

/// Runs one call.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RunArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let path = session.resolve(&args.target);
    let path = if path.is_dir() { path } else { packages::locate(session, ui, &args.target, false) };
    let builder = hosting::launcher(session, ui, &args.ca)?;
    let (target, launcher) = if path.is_dir() {
        let launcher = builder.build()?;
        (building::for_own_use(session, ui, &args.select, launcher.host(), &path)?, launcher)
    } else {
        open_beside(path, builder)?
    };
    let (manifest, declared_in) = (target.package.manifest().clone(), target.manifest);
    let (key_id, content_hash) = (target.package.key_id().clone(), *target.package.content_hash());
    if args.help {
        return explain(ui, &manifest, args);
    }
    let tool = choose(&manifest, args.tool.as_deref())?;
    let schema =
        manifest.tool_definitions.iter().find(|definition| definition.name == tool).map(|found| &found.parameters);
    let arguments = arguments::assemble(args.args.as_deref(), &args.arg, schema, |path| session.resolve(path))?;
    let request = mappings::request(session, (&args.dir, &args.env), target.dev.as_ref())?;
    let mapped = launcher.opened(target.package)?.map(&request, &|name| session.variable(name))?;

    let shown = session.shown(&target.path);
    let (decided, introduction) = decide(session, ui, args, &launcher, mapped, &shown, (&tool, &arguments))?;
    ui.progress("Loading", &manifest.name, false);
    let mut options = StartOptions::default();
    options.allow_local = args.allow_local;
    // Without the file, backtraces have no names.
    options.linked = target.symbols.and_then(|path| std::fs::read(path).ok());
    let mut launched = launcher.start(decided, options)?;
    ui.progress_done();
    if let Some(introduction) = introduction {
        ui.aside(&introduction);
    }
    interrupt::end_at_once();
    let decision = launched.decided_call();
    let output = launched.package().call_with(&tool, &arguments, decision);
    let (package_id, version) = (manifest.package_id, manifest.version);
    let call = CallResult { package_id, version, content_hash, key_id, tool, call: output };
    let end = answer(ui, &call, Subject { path: &shown, manifest: declared_in, parameters: schema });
    // The end of the process unmaps the pool of the sandbox at once, which is faster than unmapping it piece by piece. Files, state
    // and connections of the call belong to `launched`, which is dropped.
    std::mem::forget(launcher);
    end
}

/// Verifies the package while another thread starts the sandbox. A package that does not pass does not wait for it.
fn open_beside(path: PathBuf, builder: LauncherBuilder) -> Result<(Target, Launcher), Error> {
    let gatekeeper = builder.gatekeeper();
    let start = || builder.clone().build();
    std::thread::scope(|scope| {
        let prepared = || start().inspect(|launcher| Host::prepare(launcher.host()));
        let started = std::thread::Builder::new().spawn_scoped(scope, prepared);
        let package = packages::verify(&gatekeeper, &path, packages::read(&gatekeeper, &path)?)?;
        let launcher = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // The system has no thread to spare.
            Err(_) => start(),
        };
        Ok((Target { package, path, dev: None, symbols: None, manifest: ManifestKind::default() }, launcher?))
    })
}

/// Describes the chosen tool, or every tool, and how to call it.
fn explain(ui: &Ui, manifest: &Manifest, args: &RunArgs) -> Result<Exit, Error> {
    let wanted = args.tool.as_deref();
    let tools: Vec<_> =
        manifest.tool_definitions.iter().filter(|tool| wanted.is_none_or(|name| tool.name == name)).cloned().collect();
    let Some(first) = tools.first() else {
        let tool = wanted.unwrap_or_default().to_owned();
        let names = manifest.tool_definitions.iter().map(|tool| tool.name.as_str());
        let nearest = nearest(&tool, names).map(str::to_owned);
        return Err(UnknownTool { tool, nearest }.into());
    };
    let mut call = format!("mpp run {}", args.target.display());
    if manifest.tool_definitions.len() > 1 {
        call.push_str(&format!(" --tool {}", first.name));
    }
    let required = first.parameters.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        call.push_str(&format!(" {name}=…"));
    }
    ui.progress_done();
    ui.show(&ToolHelp { tools, example: call })?;
    Ok(Exit::Done)
}

fn choose(manifest: &Manifest, wanted: Option<&str>) -> Result<String, ChooseTool> {
    match (wanted, manifest.tool_definitions.as_slice()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, [only]) => Ok(only.name.clone()),
        (None, tools) => Err(ChooseTool { tools: tools.iter().map(|tool| tool.name.clone()).collect() }),
    }
}

/// Decides whether the tool may be called. Returns what to show of the package once it starts; `None` if it was shown already.
fn decide(
    session: &Session,
    ui: &Ui,
    args: &RunArgs,
    launcher: &Launcher,
    mapped: Mapped,
    path: &str,
    call: (&str, &str),
) -> Result<(Decided, Option<Introduction>), Error> {
    let allow_local = args.allow_local;
    let mut introduction = approving::introduce(session, &mapped);
    introduction.abilities =
        abilities(session, mapped.manifest(), allow_local, |guest| mapped.mappings().host_path(guest));
    // A question about a call follows the one about paths, whose answer was yes then.
    let possible = abilities(session, mapped.manifest(), allow_local, |guest| mapped.mappings().possible_path(guest));
    // A new publisher's package is introduced by the question whether to trust its publisher.
    let is_new = mapped.trust() == Trust::UnknownPublisher;
    let approver =
        Terminal { session, ui, yes: args.yes, introduce: &|| ui.aside(&introduction), abilities: &possible };
    let decided = launcher.decide(mapped, Some(call), &approver).map_err(|error| match error {
        LaunchError::NotApproved(answer) => Error::from(CallRefused { path: path.to_owned(), answer }),
        LaunchError::Untrusted(source) => PackageError::Untrusted { path: path.to_owned(), source }.into(),
        error => error.into(),
    })?;
    let leads_to = |guest: &str| decided.mappings().host_path(guest);
    introduction.abilities = abilities(session, decided.manifest(), allow_local, leads_to);
    Ok((decided, (!is_new).then_some(introduction)))
}

/// Returns what the package may do, a sentence each. `leads_to` returns the path on this machine of a declared path.
fn abilities(
    session: &Session,
    manifest: &Manifest,
    allow_local: bool,
    leads_to: impl Fn(&str) -> Option<PathBuf>,
) -> Vec<String> {
    let shown = |guest: &str| leads_to(guest).map(|host| PathBuf::from(session.shown(&host)));
    let mut abilities = plain_words::abilities(manifest, shown);
    if allow_local && !manifest.capabilities.network.is_empty() {
        abilities.push(plain_words::LOCAL_HOSTS.to_owned());
    }
    abilities
}

fn answer(ui: &Ui, call: &CallResult, subject: Subject<'_>) -> Result<Exit, Error> {
    match call.call.outcome() {
        Ok(outcome) => {
            ui.show(call)?;
            Ok(if outcome.is_error { Exit::Tool } else { Exit::Done })
        }
        Err(error) => {
            let code = call.call.code().unwrap_or(&host_codes::R103);
            Ok(ui.show_failed(call, failure::diagnostic(call, subject, code, error, ui.is_verbose()))?)
        }
    }
}
