//! `mpp replay`: makes captured calls with a package, and compares the answers.

mod network;
mod volatile;

use std::path::PathBuf;
use std::sync::Arc;

use mpp_home::{LaunchError, Launched, StartOptions};
use mpp_host::codes::{Code, Coded};
use mpp_mcp::capture::CapturedCall;
use mpp_mcp::codes as mcp_codes;
use mpp_mcp::replay::{self, Replay, ReplayError, ReplayReport};
use mpp_recording::{ReplayClock, Stage};
use serde_json::{Map, Value};

use crate::approving::{self, Terminal};
use crate::building::{self, Target};
use crate::cli::ReplayArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::replay::Replayed;
use crate::session::Session;
use crate::ui::{Ui, UiError};
use crate::wording::ManifestKind;
use crate::{captures, hosting, installed, interrupt, mappings, packages};

/// The error returned when the package does not answer as the server did.
#[derive(Debug, thiserror::Error)]
#[error("the package does not answer as the captured server did: {what}")]
pub(crate) struct Departs {
    /// The package or project.
    path: String,
    /// What differs.
    what: String,
    /// The file of volatile values.
    volatile_file: String,
}

impl Coded for Departs {
    fn code(&self) -> &'static Code {
        &mcp_codes::M301
    }
}

impl Explain for Departs {
    fn place(&self) -> Option<String> {
        Some(self.path.clone())
    }

    fn advice(&self) -> String {
        format!(
            "correct the package, or declare values that differ in every call: pass `--volatile POINTER`, or \
             run again with `--update-volatile` to add today's differences to {}",
            self.volatile_file
        )
    }
}

impl Explain for ReplayError {
    fn advice(&self) -> String {
        match self {
            Self::Volatile { .. } => "write a JSON pointer such as `/items/*/id`".to_owned(),
            _ => "record a session in which a client lists the tools and calls them, or use `mpp capture --calls FILE`"
                .to_owned(),
        }
    }
}

/// Replays, compares, and prints.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &ReplayArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let capture = captures::read(session, &args.file)?;
    let conversation = capture.conversation();
    let mut declared = volatile::Declared::read(session, &args.file, &args.volatile)?;
    let prepared = Replay::new(&capture, &conversation, declared.rules())?;

    let state = tempfile::tempdir().map_err(UiError::output)?;
    let (launcher, target) = open(session, ui, args, state.path().join("kv"))?;
    let manifest = target.package.manifest().clone();
    let shown = session.shown(&target.path);
    let request = mappings::of_options(session, &args.grant, target.dev.as_ref())?;
    let mapped = launcher.opened(target.package)?.map(&request, &|name| session.variable(name))?;
    let variables: Vec<(String, String)> = mapped.mappings().env.clone();
    let introduction = approving::introduce(session, &mapped);
    let approver = Terminal {
        session,
        ui,
        yes: args.yes,
        introduce: &|| ui.aside(&introduction),
        abilities: &introduction.abilities,
    };
    let refused = |error: LaunchError| approving::not_launched(&shown, error);
    let decided = launcher.decide(mapped, None, &approver).map_err(refused)?;
    ui.progress("Loading", &manifest.name, false);
    let clock = ReplayClock::new();
    let mut stage = Stage::new().clock(&clock);
    let network = network::recorded(&conversation.exchanges, state.path(), &manifest, &variables)?;
    if let Some(network) = &network {
        stage = stage.network(Arc::clone(network) as _);
    }
    let mut options = StartOptions::default();
    options.allow_local = args.grant.allow_local;
    options.change_grant = Some(Box::new(move |grant| stage.on(grant)));
    let launched = launcher.start(decided, options)?;

    let total = conversation.calls.len() as u64;
    let mut done = 0;
    let report = prepared.run(&manifest.tool_definitions, |call, at| {
        done += 1;
        ui.progress("Replaying", &call.tool, false);
        ui.progress_count(done, total, &call.tool);
        clock.show(at);
        let is_known = manifest.tool_definitions.iter().any(|tool| tool.name == call.tool);
        let answer = answer(&launched, call, is_known, &approver).map_err(refused);
        if let Some(failure) = network.as_ref().and_then(|network| network.take_failure()) {
            ui.note(&format!("line {}: {failure}; the capture has no such request of the server", call.line));
        }
        answer
    })?;
    ui.progress_done();
    let added = if args.update_volatile { declared.update(&report)? } else { Vec::new() };
    let replayed = Replayed {
        file: session.shown(&session.resolve(&args.file)),
        package_id: manifest.package_id,
        version: manifest.version,
        report,
        added,
        volatile_file: session.shown(declared.path()),
    };
    let is_equivalent = replayed.report.is_equivalent(declared.rules());
    finish(ui, &replayed, is_equivalent, shown)
}

/// Opens the package, or builds the project, with a launcher that keeps state apart from that of the user.
fn open(
    session: &Session,
    ui: &Arc<Ui>,
    args: &ReplayArgs,
    state: PathBuf,
) -> Result<(mpp_home::Launcher, Target), Error> {
    let path = session.resolve(&args.target);
    let launcher = hosting::launcher(session, ui, &args.grant.ca)?.host(|host| host.state_dir(state)).build()?;
    if path.is_dir() {
        let target = building::for_own_use(session, ui, &args.select, launcher.host(), &path)?;
        return Ok((launcher, target));
    }
    let path = packages::locate(session, ui, &args.target, false)?;
    let package = installed::adopt_to_run(session, ui, &path, packages::open(&path)?)?;
    Ok((launcher, Target { package, path, dev: None, symbols: None, manifest: ManifestKind::default() }))
}

/// Makes a call, and returns `{"result": …}` or `{"error": …}`.
fn answer(
    launched: &Launched,
    call: &CapturedCall,
    is_known: bool,
    approver: &Terminal<'_>,
) -> Result<Value, LaunchError> {
    let arguments = call.arguments.to_string();
    let output = match is_known {
        true => {
            let options = launched.decide_call(&call.tool, &arguments, approver)?;
            launched.package().call_with(&call.tool, &arguments, options)
        }
        false => launched.package().call(&call.tool, &arguments),
    };
    let name = if output.outcome().is_ok() { "result" } else { "error" };
    let value = serde_json::from_str(&output.json()).unwrap_or_default();
    Ok(Value::Object(Map::from_iter([(name.to_owned(), value)])))
}

fn finish(ui: &Ui, replayed: &Replayed, is_equivalent: bool, path: String) -> Result<Exit, Error> {
    let departs = (!is_equivalent).then(|| Departs {
        path,
        what: what_differs(&replayed.report),
        volatile_file: replayed.volatile_file.clone(),
    });
    if ui.wants_junit() {
        ui.print_raw(
            replay::junit(&replayed.report, &format!("{} {}", replayed.package_id, replayed.version)).as_bytes(),
        )?;
        return match departs {
            Some(departs) => Err(departs.into()),
            None => Ok(Exit::Done),
        };
    }
    match departs {
        Some(departs) => Ok(ui.show_failed(replayed, &Error::from(departs))?),
        None => {
            ui.show(replayed)?;
            Ok(Exit::Done)
        }
    }
}

fn what_differs(report: &ReplayReport) -> String {
    let definitions = report.definitions.iter().filter(|found| !found.is_expected).count();
    let calls = report.counts.different + report.counts.error;
    let counted = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let parts =
        [(definitions, "difference of definitions"), (calls, "call")].into_iter().filter(|(number, _)| *number > 0);
    let words = parts.map(|(number, what)| match what {
        "call" => counted(number, "call"),
        _ if number == 1 => "1 difference of definitions".to_owned(),
        _ => format!("{number} differences of definitions"),
    });
    words.collect::<Vec<_>>().join(" and ")
}
