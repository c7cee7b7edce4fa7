//! `mpp registry serve`: runs a registry.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_registry::client::{HttpOptions, HttpTransport};
use mpp_registry::note::VerifierKey;
use mpp_registry::pages::CommandLines;
use mpp_registry::protocol::Origin;
use mpp_registry::server::{Policy, Server, ServerOptions};
use mpp_registry::witness::Cosigner;

use super::place::{self, Place};
use super::stopping::stopped;
use crate::cli::{LogFormat, RegistryServeArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::registry::ServedRegistry;
use crate::session::Session;
use crate::ui::Ui;

/// Serves until the process is told to stop.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryServeArgs) -> Result<Exit, Error> {
    if let (Some(upstream), Some(key)) = (&args.upstream, &args.key) {
        return super::mirror::run(session, ui, args, upstream, key);
    }
    let place = Place::new(session, &args.place);
    let policy = match &args.policy {
        Some(path) => Policy::read(&session.resolve(path))?,
        None => {
            let path = place.dir().join("policy.toml");
            if path.exists() { Policy::read(&path)? } else { Policy::default() }
        }
    };
    let keys = place.keys();
    let created = !keys.exists();
    if created {
        keys.create(origin(args)?, args.url.iter().cloned().collect())?;
    }
    ui.start_log(args.log_format == LogFormat::Json);
    place::block_on(serve(session, ui, args, &place, policy, created))?
}

/// Returns the name of a new registry: the host at which clients reach it.
fn origin(args: &RegistryServeArgs) -> Result<Origin, Error> {
    let named = args.origin.clone().or_else(|| {
        let url = args.url.as_ref()?;
        Some(url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/').to_owned())
    });
    Ok(Origin::parse(&named.unwrap_or_else(|| "localhost".to_owned()))?)
}

async fn serve(
    session: &Session,
    ui: &Ui,
    args: &RegistryServeArgs,
    place: &Place,
    policy: Policy,
    created: bool,
) -> Result<Exit, Error> {
    let clock = Arc::new(SystemClock::new());
    let mut options = ServerOptions::new(place.open(session)?, place.keys(), place.cache(), args.listen, clock);
    options.url.clone_from(&args.url);
    options.policy = policy;
    let resolved = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| session.resolve(path));
    options.tls = resolved(&args.tls_cert).zip(resolved(&args.tls_key));
    options.witnesses = args.witness.iter().map(|witness| cosigner(witness)).collect::<Result<_, _>>()?;
    options.commands =
        CommandLines::new("mpp install {id}", "mpp install {id}@{version}", "mpp registry add {url} --key {key}");
    let server = Server::start(options).await?;
    let (leaves, packages, versions) = server.counts();
    let root_key_path = place.keys().root_key_path();
    ui.show(&ServedRegistry {
        origin: server.keys().origin().to_string(),
        url: server.url().to_owned(),
        address: server.address().to_string(),
        root_key: server.keys().root_key(),
        log_key: server.log_key().to_string(),
        root_key_path: root_key_path.exists().then(|| session.shown(&root_key_path)),
        created,
        leaves,
        packages,
        versions,
    })?;
    if created {
        ui.note(&format!(
            "clients add it with `mpp registry add {} --key '{}'`",
            server.url(),
            server.keys().root_key()
        ));
    }
    server.run(stopped()).await;
    Ok(Exit::Done)
}

/// Reads a witness: `URL=KEY`.
fn cosigner(text: &str) -> Result<Cosigner, Error> {
    let (url, key) = text.split_once('=').unwrap_or((text, ""));
    let key: VerifierKey = key.parse()?;
    Ok(Cosigner::new(key, Arc::new(HttpTransport::new(url, &HttpOptions::default())?)))
}
