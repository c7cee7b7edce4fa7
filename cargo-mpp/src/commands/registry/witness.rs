//! `mpp registry witness`: cosigns the checkpoints of logs that only grow.

use std::io;
use std::path::Path;
use std::sync::Arc;

use mpp_host::atomic_file::StagedFile;
use mpp_host::clock::SystemClock;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_registry::client::HttpTransport;
use mpp_registry::note::{NoteSigner, VerifierKey};
use mpp_registry::upstream::Upstream;
use mpp_registry::witness::{FollowedRegistry, Witness, WitnessError, serve};
use tokio::net::TcpListener;

use super::place::{self, block_on};
use super::stopping::stopped;
use crate::cli::RegistryWitnessArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::following::StartedWitness;
use crate::session::Session;
use crate::ui::Ui;

impl Explain for WitnessError {}

/// Serves until the process is told to stop.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryWitnessArgs) -> Result<Exit, Error> {
    let dir = session.resolve(&args.dir);
    let logs: Vec<VerifierKey> = args.log.iter().map(|log| log.parse()).collect::<Result<_, _>>()?;
    let (key, created) = key(&dir)?;
    let registries =
        args.registry.iter().map(|registry| followed(session, args, registry)).collect::<Result<_, _>>()?;
    let witness = Witness::open(&dir, NoteSigner::witness(&args.name, key)?, logs, Arc::new(SystemClock::new()))?;
    let witness = witness.following(registries)?;
    ui.start_log(false);
    block_on(listen(ui, args, Arc::new(witness), created))?
}

async fn listen(ui: &Ui, args: &RegistryWitnessArgs, witness: Arc<Witness>, created: bool) -> Result<Exit, Error> {
    let listen = |source| WitnessError::Listen { address: args.listen, source };
    let listener = TcpListener::bind(args.listen).await.map_err(listen)?;
    let mut logs: Vec<String> = witness.names().map(ToOwned::to_owned).collect();
    logs.dedup();
    ui.show(&StartedWitness {
        key: witness.key().to_string(),
        url: format!("http://{}", listener.local_addr().map_err(listen)?),
        logs,
        created,
    })?;
    serve(witness, listener, stopped()).await.map_err(listen)?;
    Ok(Exit::Done)
}

/// Reads a registry: `URL=KEY`.
fn followed(session: &Session, args: &RegistryWitnessArgs, text: &str) -> Result<FollowedRegistry, Error> {
    let (url, key) = text.split_once('=').unwrap_or((text, ""));
    let root: VerifierKey = key.parse()?;
    let transport = HttpTransport::new(url, &place::http_options(session, args.ca.as_deref())?)?;
    Ok(FollowedRegistry::new(root, Arc::new(Upstream::new(Arc::new(transport))))?)
}

/// Reads the key of the witness, or makes it.
fn key(dir: &Path) -> Result<(SigningKey, bool), Error> {
    let path = dir.join("witness.key");
    let fault = |source| WitnessError::Directory { path: path.clone(), source };
    match std::fs::read_to_string(&path) {
        Ok(pem) => Ok((SigningKey::from_pem(&pem, None).map_err(|error| fault(io::Error::other(error)))?, false)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(dir).map_err(fault)?;
            let key = SigningKey::generate(KeyRole::Publisher).map_err(|error| fault(io::Error::other(error)))?;
            let write = || {
                let mut file = StagedFile::new(&path, 0o600)?;
                file.write(key.to_pem(None).map_err(io::Error::other)?.as_bytes())?;
                file.persist_new()
            };
            write().map_err(fault)?;
            Ok((key, true))
        }
        Err(error) => Err(fault(error).into()),
    }
}
