//! `mpp registry serve --upstream`: serves a mirror of another registry.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_registry::client::HttpTransport;
use mpp_registry::mirror::{Mirror, MirrorError, MirrorOptions, MirrorServer};
use mpp_registry::note::VerifierKey;
use mpp_registry::upstream::Upstream;

use super::place::{self, Place};
use super::stopping::stopped;
use crate::cli::{LogFormat, RegistryServeArgs};
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::following::ServedMirror;
use crate::session::Session;
use crate::ui::Ui;

impl Explain for MirrorError {}

/// Serves until the process is told to stop.
pub(super) fn run(
    session: &Session,
    ui: &Ui,
    args: &RegistryServeArgs,
    upstream: &str,
    key: &str,
) -> Result<Exit, Error> {
    let root: VerifierKey = key.parse()?;
    let reached = place::http_options(session, args.ca.as_deref())?;
    let transport = Arc::new(HttpTransport::new(upstream, &reached)?);
    let place = Place::new(session, &args.place);
    let store = place.open(session)?;
    ui.start_log(args.log_format == LogFormat::Json);
    let mut options = MirrorOptions::new(args.listen, upstream.to_owned(), Arc::new(SystemClock::new()));
    let resolved = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| session.resolve(path));
    options.tls = resolved(&args.tls_cert).zip(resolved(&args.tls_key));
    place::block_on(async {
        let mirror = Mirror::open(Arc::new(Upstream::new(transport)), store, root, Some(place.cache())).await?;
        // A mirror that has nothing yet must find its registry; later it serves what it has.
        if mirror.size().await == 0 {
            mirror.refresh().await?;
        }
        let server = MirrorServer::start(mirror, options).await?;
        ui.show(&ServedMirror {
            origin: server.mirror().origin().to_string(),
            upstream: upstream.to_owned(),
            address: server.address().to_string(),
            leaves: server.mirror().size().await,
        })?;
        server.run(stopped()).await;
        Ok(Exit::Done)
    })?
}
