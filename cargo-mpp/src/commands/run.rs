//! `mpp run`: the whole pipeline, once: verify, decide on trust, load, grant, call, filter.

use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::codes::{self, Code, Remedy};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{CallOptions, Grant};
use mpp_host::package::Manifest;
use mpp_host::policy::Policy;
use mpp_host::sandbox::DefaultPaths;
use mpp_host::trust::Trust;
use mpp_host::{Host, HostBuilder};
use mpp_sdk::wire::{ErrorKind, RpcError};

use crate::approving::{Admitted, NotAdmitted, Terminal};
use crate::building::Target;
use crate::cli::RunArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::mapping::{self, Mappings};
use crate::reports::call::{CallResult, Introduction};
use crate::session::Session;
use crate::ui::{Diagnostic, Ui};
use crate::{approving, arguments, building, hosting, interrupt, packages, plain_words, trusting, wording};

/// Runs one call.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RunArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let path = session.resolve(&args.target);
    let policy = approving::policy(session)?;
    let network = hosting::network(session, &args.ca)?;
    let builder = hosting::for_calls(session, ui, &policy, network);
    let (target, host) = if path.is_dir() {
        let host = builder.build()?;
        (building::for_own_use(session, ui, &args.select, &host, &path)?, host)
    } else {
        open_beside(path, &builder)?
    };
    let manifest = target.package.manifest().clone();
    let tool = choose(&manifest, args.tool.as_deref())?;
    let schema =
        manifest.tool_definitions.iter().find(|definition| definition.name == tool).map(|found| &found.parameters);
    let call_arguments = arguments::assemble(args.args.as_deref(), &args.arg, schema, |path| session.resolve(path))?;
    let mappings = mapping::resolve(session, &manifest, &args.dir, &args.env, target.dev.as_ref())?;

    let (key_id, content_hash) = (target.package.key_id().clone(), *target.package.content_hash());
    let call = (tool.as_str(), call_arguments.as_str());
    let admitted = admit(session, ui, args, &host, &policy, &target, &mappings, call)?;
    ui.progress("Loading", &manifest.name, false);
    let symbols = target.symbols.and_then(|path| std::fs::read(path).ok());
    let symbols = symbols.map(|linked| (target.package.module().to_vec(), linked));
    let mut loaded = host.load(target.package)?;
    if let Some((module, linked)) = symbols {
        loaded = loaded.with_symbols(&module, linked);
    }
    ui.progress_done();
    let given = Grant::new(admitted.admission, admitted.clearance);
    let runnable = loaded.grant(grant(session, given, mappings).allow_local(args.allow_local))?;
    interrupt::end_at_once();
    let output = runnable.call_with(&tool, &call_arguments, CallOptions::new().clearance(admitted.call));

    let call = CallResult {
        package_id: manifest.package_id,
        version: manifest.version,
        content_hash,
        key_id,
        tool,
        call: output,
    };
    answer(ui, &call)
}

/// Verifies the package while another thread starts the sandbox. What does not pass is refused without it.
fn open_beside(path: PathBuf, builder: &HostBuilder) -> Result<(Target, Host), Error> {
    let start = || builder.clone().build();
    std::thread::scope(|scope| {
        let started = std::thread::Builder::new().spawn_scoped(scope, || start().inspect(Host::prepare));
        let package = packages::verify_by(&builder.gatekeeper(), &path, packages::read(&path)?)?;
        let host = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread was to be had.
            Err(_) => start(),
        };
        Ok((Target { package, path, dev: None, symbols: None }, host?))
    })
}

fn choose(manifest: &Manifest, wanted: Option<&str>) -> Result<String, Error> {
    match (wanted, manifest.tool_definitions.as_slice()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, [only]) => Ok(only.name.clone()),
        (None, tools) => Err(Error::ChooseTool { tools: tools.iter().map(|tool| tool.name.clone()).collect() }),
    }
}

#[expect(clippy::too_many_arguments, reason = "everything that is decided about, and everything that decides")]
fn admit(
    session: &Session,
    ui: &Ui,
    args: &RunArgs,
    host: &Host,
    policy: &Policy,
    target: &Target,
    mappings: &Mappings,
    call: (&str, &str),
) -> Result<Admitted, Error> {
    let package = &target.package;
    let store = trusting::store(session)?;
    let trust = store.decide(package);
    let mut introduction = introduce(session, package, trust, mappings);
    if args.allow_local && !package.manifest().capabilities.network.is_empty() {
        introduction.abilities.push(plain_words::LOCAL_HOSTS.to_owned());
    }
    if trust == Trust::Own {
        ui.aside(&introduction);
    }
    let approver = Terminal { session, ui, yes: args.yes, introduce: &|| ui.aside(&introduction) };
    match approving::admit(session, host, policy, store, package, call, &approver) {
        Ok(admitted) => Ok(admitted),
        Err(NotAdmitted::Error(error)) => Err(error),
        Err(NotAdmitted::Answer(answer)) => Err(Error::NotApproved { path: session.shown(&target.path), answer }),
    }
}

fn introduce(session: &Session, package: &VerifiedPackage, trust: Trust, mappings: &Mappings) -> Introduction {
    let manifest = package.manifest();
    let mapped = |guest: &str| mappings.host_path(guest).map(|host| PathBuf::from(session.shown(&host)));
    Introduction {
        package: format!("{} {}", manifest.name, manifest.version),
        package_id: manifest.package_id.clone(),
        publisher: manifest.publisher.name.clone(),
        key_id: package.key_id().clone(),
        trust,
        abilities: plain_words::abilities(manifest, mapped),
        privacy: plain_words::privacy(manifest),
    }
}

fn grant(session: &Session, grant: Grant, mappings: Mappings) -> Grant {
    let defaults = DefaultPaths::new(session.user_home(), Some(session.home().to_owned()));
    let mut grant = grant.default_paths(defaults);
    if mappings.no_env && mappings.env.is_empty() {
        grant = grant.without_env();
    }
    for (name, value) in mappings.env {
        grant = grant.env(name, value);
    }
    for (guest, host) in mappings.dirs {
        grant = grant.dir(guest, host);
    }
    grant
}

fn answer(ui: &Ui, call: &CallResult) -> Result<Exit, Error> {
    match call.call.outcome() {
        Ok(outcome) => {
            ui.show(call)?;
            Ok(if outcome.is_error { Exit::Tool } else { Exit::Done })
        }
        Err(error) => {
            let code = call.call.code().unwrap_or(&codes::R103);
            ui.show_with(call, failure(call, code, error), Exit::from(code.class))
        }
    }
}

fn failure(call: &CallResult, code: &'static Code, error: &RpcError) -> Diagnostic {
    let help = error.data.get("help").and_then(serde_json::Value::as_str);
    let help = help.filter(|_| error.kind() == Some(ErrorKind::CapabilityDenied));
    // A tool reads a denial as one sentence; here its second half is a help text of its own.
    let message = help.and_then(|help| error.message.strip_suffix(help)?.strip_suffix("; ")).unwrap_or(&error.message);
    let mut diagnostic =
        Diagnostic::new(code, message).at(format!("{} {}, tool {}", call.package_id, call.version, call.tool));
    let text = |key: &str| error.data.get(key).and_then(serde_json::Value::as_str);
    if let Some(own) = text("code") {
        diagnostic = diagnostic.note(format!("the tool's own code is {own}"));
    }
    if error.is_retryable() {
        diagnostic = diagnostic.note("the same call may succeed later");
    }
    let frames = error.data.get("backtrace").and_then(serde_json::Value::as_array).into_iter().flatten();
    let frames: Vec<&str> = frames.filter_map(serde_json::Value::as_str).collect();
    if !frames.is_empty() {
        diagnostic = diagnostic.note(format!("backtrace\n{}", frames.join("\n")));
    }
    if let Some(help) = help {
        return diagnostic.help(Remedy::of(error).map_or_else(|| help.to_owned(), |found| wording::remedy(&found)));
    }
    match text("code") {
        // The operating system's message does not mention that a tool sees only the paths that it declares.
        Some("io") => diagnostic.help(
            "a tool sees only the paths that it declares: `filesystem = { read = [\"/notes\"] }` under \
             `[package.metadata.mpp.capabilities]` declares one, and `--dir /notes=DIRECTORY` maps it to a directory",
        ),
        // The tool's own error is expected to explain itself.
        Some(_) => diagnostic,
        None => diagnostic.help(code.help),
    }
}
