//! `mpp serve`: an MCP server in front of packages and other MCP servers.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use mpp_home::{FileError, Launcher, MappingRequest};
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::package::Manifest;
use mpp_mcp::About;
use mpp_mcp::bridge::{Bridge, DEFAULT_PLACES, ServedPackage};
use mpp_mcp::clients::Client;
use mpp_mcp::config::PackageConfig;
use mpp_mcp::http::{HttpError, HttpOptions, HttpServer, PATH};
use mpp_mcp::legacy::LegacyServer;
use mpp_mcp::stdio;

use crate::building::Target;
use crate::cli::ServeArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::serving::{self, CommandWording, Guarded, Plan, Stamp, Watched, Watcher};
use crate::session::Session;
use crate::ui::Ui;
use crate::wording::ManifestKind;
use crate::{agent, building, codes, hosting, installed, installing, mappings, packages};

/// The error returned when `--dir` or `--env` names something that none of the packages declares.
#[derive(Debug, thiserror::Error)]
#[error("none of the packages declares the {what} `{name}`")]
pub(crate) struct NotDeclared {
    what: &'static str,
    name: String,
}

impl Coded for NotDeclared {
    fn code(&self) -> &'static Code {
        if self.what == "path" { &mpp_home::codes::C009 } else { &mpp_home::codes::C010 }
    }
}

impl Explain for NotDeclared {
    fn advice(&self) -> String {
        crate::codes::help(self.code())
    }
}

/// The error returned when the streams of the process cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the server cannot use its standard streams or start its threads")]
pub(crate) struct NoStreams(#[source] std::io::Error);

impl Coded for NoStreams {
    fn code(&self) -> &'static Code {
        &codes::C070
    }
}

impl Explain for NoStreams {}

impl Explain for HttpError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

/// Serves packages until the client ends.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &ServeArgs) -> Result<Exit, Error> {
    let places = u32::try_from(DEFAULT_PLACES).unwrap_or(u32::MAX);
    let launcher = hosting::launcher(session, ui, &args.grant.ca)?.host(|host| host.instances(places)).build()?;
    let launcher = Arc::new(launcher);
    let config = args.config.as_ref().map(|file| agent::read(session, file)).transpose()?.unwrap_or_default();
    let file = args.config.as_deref().unwrap_or(Path::new(""));
    let mut planned = Vec::new();
    for target in args.targets() {
        planned.push(plan(session, ui, args, &launcher, &target, None)?);
    }
    let manifests: Vec<&Manifest> = planned.iter().map(|planned| planned.package.manifest()).collect();
    check_declared(&mappings::of_options(session, &args.grant, None)?, &manifests)?;
    for package in &config.packages {
        planned.push(plan(session, ui, args, &launcher, &package.source, Some(package))?);
    }
    let (mut packages, mut watched, guarded) = (Vec::new(), Vec::new(), Guarded::default());
    for Planned { plan, stamp, package } in planned {
        if let Some(locked) = installed::entry(session, &plan.path, &package)? {
            guarded.set(locked);
        }
        let served = plan.start(session, &launcher, package)?;
        watched.push(Watched::new(plan, stamp, &served));
        packages.push(served);
    }
    let servers =
        config.servers.into_iter().map(|server| agent::server(session, ui, &launcher, (file, &args.grant.ca), server));
    let servers = servers.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = packages.iter().map(|package| package.manifest().name.clone()).collect();
    let names: Vec<String> = names.into_iter().chain(servers.iter().map(|server| server.name().to_owned())).collect();
    if let Some(client) = args.print_client_config.as_deref().and_then(Client::find) {
        ui.progress_done();
        note_variables(ui, args, client, &packages);
        return print_configuration(session, ui, args, client, &names);
    }
    if let Some(client) = args.install.as_deref().and_then(Client::find) {
        ui.progress_done();
        let server = installing::entry(session, args, &server_name(&names));
        ui.show(&installing::install(session, ui, client, &server, args.yes)?)?;
        note_variables(ui, args, client, &packages);
        return Ok(Exit::Done);
    }
    let wording = CommandWording { config: args.config.as_ref().map(|file| session.resolve(file)) };
    let bridge = Arc::new(Bridge::new(packages, DEFAULT_PLACES, Arc::new(wording)));
    guarded.watch(session, ui, &bridge);
    let (session_kept, ui_kept) = (session.clone(), Arc::clone(ui));
    let watcher = Watcher { session: session_kept, ui: ui_kept, launcher, bridge: Arc::clone(&bridge), guarded };
    watcher.start(watched).map_err(NoStreams)?;
    let served = serve(session, ui, args, file, (bridge, &servers), &names);
    LegacyServer::close_all(&servers);
    served
}

/// Starts the servers, and serves until the client ends.
fn serve(
    session: &Session,
    ui: &Arc<Ui>,
    args: &ServeArgs,
    file: &Path,
    (bridge, servers): (Arc<Bridge>, &[Arc<LegacyServer>]),
    names: &[String],
) -> Result<Exit, Error> {
    bridge.add_servers(servers);
    LegacyServer::start_all(servers);
    for server in servers {
        agent::check_tools(session, file, server)?;
    }
    ui.progress_done();
    let about = About::new("mpp", env!("CARGO_PKG_VERSION"));
    let what = format!("{} of {}", count(bridge.tools().len(), "tool"), names.join(", "));
    if let Some(address) = args.http {
        return over_http(session, ui, args, address, (bridge, about, &what));
    }
    ui.status("Serving", &format!("{what} over stdio"));
    let (input, output) = serving::streams().map_err(NoStreams)?;
    stdio::serve(bridge, about, input, output).map_err(NoStreams)?;
    Ok(Exit::Done)
}

/// Returns the name of the server, if the user does not choose one.
fn server_name(packages: &[String]) -> String {
    match packages {
        [only] => only.clone(),
        _ => "mpp".to_owned(),
    }
}

/// Says which variables have a value here and perhaps not where the client starts the server.
fn note_variables(ui: &Ui, args: &ServeArgs, client: Client, packages: &[ServedPackage]) {
    // A configuration says itself which variables it passes on.
    if args.config.is_some() || args.grant.env.iter().any(|given| given == "-") {
        return;
    }
    let declared: BTreeSet<&String> =
        packages.iter().flat_map(|package| &package.manifest().capabilities.env_vars).collect();
    let has_value =
        |name: &str| args.grant.env.iter().any(|given| given.split_once('=').is_some_and(|(of, _)| of == name));
    let missing: Vec<String> =
        declared.into_iter().filter(|name| !has_value(name)).map(|name| format!("`{name}`")).collect();
    if !missing.is_empty() {
        ui.note(&format!(
            "clients pass few variables on to servers: if {} does not start the server, add {} to `env` of its entry",
            client.title,
            missing.join(", ")
        ));
    }
}

/// Prints the configuration with which a client starts this server.
fn print_configuration(
    session: &Session,
    ui: &Ui,
    args: &ServeArgs,
    client: Client,
    packages: &[String],
) -> Result<Exit, Error> {
    let server = installing::entry(session, args, &server_name(packages));
    let file = installing::file(session, client)?;
    ui.note(&format!(
        "the configuration of {} is `{}`; `--install {}` adds the server to it",
        client.title,
        session.shown(&file),
        client.id
    ));
    ui.print_raw(client.configuration(&server).as_bytes())?;
    Ok(Exit::Done)
}

/// Serves over HTTP until the process is interrupted.
fn over_http(
    session: &Session,
    ui: &Ui,
    args: &ServeArgs,
    address: SocketAddr,
    (bridge, about, what): (Arc<Bridge>, About, &str),
) -> Result<Exit, Error> {
    let mut options = HttpOptions::new(address);
    options.hosts.clone_from(&args.allow_host);
    options.origins.clone_from(&args.allow_origin);
    options.token = token(session, args)?;
    let with = if options.token.is_some() { ", with a bearer token" } else { "" };
    let server = HttpServer::bind(options)?;
    ui.status("Serving", &format!("{what} at http://{}{PATH}{with}", server.address()));
    server.run(bridge, about);
    Ok(Exit::Done)
}

/// Returns the bearer token that the user chose.
fn token(session: &Session, args: &ServeArgs) -> Result<Option<String>, Error> {
    let text = match &args.token_file {
        Some(file) => {
            let path = session.resolve(file);
            Some(std::fs::read_to_string(&path).map_err(|source| FileError::read("the token", &path, source))?)
        }
        None => session.variable("MPP_SERVE_TOKEN").and_then(|value| value.into_string().ok()),
    };
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A package to be served.
struct Planned {
    plan: Plan,
    /// The stamp of the package's file before it was read; `None` if the file was built just now.
    stamp: Option<Stamp>,
    package: VerifiedPackage,
}

/// Reads a package, or builds a project. `config` is what a configuration says about the package; otherwise the options apply.
fn plan(
    session: &Session,
    ui: &Arc<Ui>,
    args: &ServeArgs,
    launcher: &Launcher,
    given: &Path,
    config: Option<&PackageConfig>,
) -> Result<Planned, Error> {
    let (target, stamp) = open(session, ui, args, launcher, given)?;
    // The user named the package and not its file.
    let is_named = target.path.starts_with(session.home().packages_dir()) && session.resolve(given) != target.path;
    let request = match config {
        Some(config) => agent::mappings(config, target.dev.as_ref()),
        None => mappings::of_options(session, &args.grant, target.dev.as_ref())?,
    };
    let plan = Plan {
        installed: is_named.then(|| given.to_owned()),
        path: target.path,
        request,
        is_shared: config.is_none(),
        allow_local: args.grant.allow_local,
        accepted: args.accept_content.clone(),
        symbols: target.symbols,
        tools: config.map(|config| config.tools.clone()).unwrap_or_default(),
        config: args.config.as_ref().map(|file| session.shown(&session.resolve(file))).unwrap_or_default(),
    };
    Ok(Planned { plan, stamp, package: target.package })
}

fn open(
    session: &Session,
    ui: &Arc<Ui>,
    args: &ServeArgs,
    launcher: &Launcher,
    target: &Path,
) -> Result<(Target, Option<Stamp>), Error> {
    let path = session.resolve(target);
    if path.is_dir() {
        return Ok((building::for_own_use(session, ui, &args.select, launcher.host(), &path)?, None));
    }
    let path = packages::locate(session, ui, target, false)?;
    let stamp = Stamp::of(&path);
    let package = installed::adopt_to_run(session, ui, &path, packages::open(&path)?)?;
    Ok((Target { package, path, dev: None, symbols: None, manifest: ManifestKind::default() }, stamp))
}

/// Fails if a mapping is for something that no package declares.
fn check_declared(wanted: &MappingRequest, manifests: &[&Manifest]) -> Result<(), NotDeclared> {
    let capabilities = || manifests.iter().map(|manifest| &manifest.capabilities);
    let paths: BTreeSet<&String> =
        capabilities().flat_map(|declared| declared.filesystem.read.iter().chain(&declared.filesystem.write)).collect();
    let variables: BTreeSet<&String> = capabilities().flat_map(|declared| &declared.env_vars).collect();
    if let Some((name, _)) = wanted.dirs.iter().find(|(guest, _)| !paths.contains(guest)) {
        return Err(NotDeclared { what: "path", name: name.clone() });
    }
    if let Some((name, _)) = wanted.env.iter().find(|(name, _)| !variables.contains(name)) {
        return Err(NotDeclared { what: "variable", name: name.clone() });
    }
    Ok(())
}
