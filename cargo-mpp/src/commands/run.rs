//! `mpp run`: verifies a package, decides whether it may run, and calls one of its tools.

mod failure;

use std::sync::Arc;

use mpp_home::StartOptions;
use mpp_host::causes::with_causes;
use mpp_host::codes::{self as host_codes, Code, Coded};
use mpp_host::package::Manifest;
use mpp_recording::recording::RecordedPackage;
use mpp_sdk::wire::nearest;
use serde_json::Value;

use self::failure::Subject;
use crate::cli::RunArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::launching::{self, Deciding};
use crate::recording::Recording;
use crate::reports::call::CallResult;
use crate::reports::package::ToolHelp;
use crate::session::Session;
use crate::ui::Ui;
use crate::{arguments, hosting, interrupt, mappings};

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
    let builder = hosting::launcher(session, ui, &args.grant.ca)?;
    let (target, launcher) = launching::open(session, ui, &args.select, &args.target, builder)?;
    let (manifest, declared_in) = (target.package.manifest().clone(), target.manifest);
    let (key_id, content_hash) = (target.package.key_id().clone(), *target.package.content_hash());
    if args.help {
        return explain(ui, &manifest, args);
    }
    let tool = choose(&manifest, args.tool.as_deref())?;
    let schema =
        manifest.tool_definitions.iter().find(|definition| definition.name == tool).map(|found| &found.parameters);
    let arguments = arguments::assemble(args.args.as_deref(), &args.arg, schema, |path| session.resolve(path))?;
    let request = mappings::of_options(session, &args.grant, target.dev.as_ref())?;
    let mapped = launcher.opened(target.package)?.map(&request, &|name| session.variable(name))?;

    let shown = session.shown(&target.path);
    let deciding = Deciding { path: &shown, yes: args.yes, allow_local: args.grant.allow_local, has_no_effect: false };
    let (decided, introduction) = launching::decide(session, ui, deciding, &launcher, mapped, (&tool, &arguments))?;
    let recording = match &args.record {
        Some(file) => Some(Recording::begin(session, file, &decided)?),
        None => None,
    };
    ui.progress("Loading", &manifest.name, false);
    let mut options = StartOptions::default();
    options.allow_local = args.grant.allow_local;
    options.change_grant = recording.as_ref().map(Recording::hooks);
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
    let source = if target.dev.is_some() { session.resolve(&args.target) } else { target.path };
    let recorded = recording.map(|recording| {
        let (id, version) = (&manifest.package_id, manifest.version.to_string());
        let package = RecordedPackage::new(id, version, content_hash.to_string(), source.display().to_string());
        recording.finish(session, package, (&tool, &arguments), &output)
    });
    let (package_id, version) = (manifest.package_id, manifest.version);
    let call = CallResult { package_id, version, content_hash, key_id, tool, call: output };
    let end = answer(ui, &call, Subject { path: &shown, manifest: declared_in, parameters: schema });
    // The end of the process unmaps the pool of the sandbox at once, which is faster than unmapping it piece by piece. Files, state
    // and connections of the call belong to `launched`, which is dropped.
    std::mem::forget(launcher);
    match recorded {
        None => end,
        Some(Ok(note)) => {
            ui.note(&note);
            end
        }
        // The call has had its effects, so its answer is shown first.
        Some(Err(error)) => {
            ui.note(&format!("the call was not recorded: {}", with_causes(&error)));
            end.map(|_| Exit::from(error.code().class))
        }
    }
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
