//! `mpp registry rotate-log-key`: replaces the log key of a registry by a new one, which the root key signs.

use std::path::Path;

use mpp_home::FileError;
use mpp_home::files::{self, Access};
use mpp_host::codes::{Code, Coded};
use mpp_registry::log::Log;
use mpp_registry::note::{Algorithm, VerifierKey};
use mpp_registry::protocol::files::WellKnown;
use mpp_registry::server::{
    RegistryKeys, ReplaceError, SigningRequest, publish_description, replace_log_key, request_log_key,
};
use mpp_registry::store::Store;

use super::place::{self, Place};
use crate::cli::RegistryRotateArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::publishing;
use crate::reports::registry::{LogKeyReplaced, Replacement};
use crate::session::Session;
use crate::ui::Ui;
use crate::wording;

/// The largest description.
const LARGEST: u64 = 1024 * 1024;

impl Explain for ReplaceError {
    fn advice(&self) -> String {
        match self {
            Self::NotRoot { .. } => {
                "name the root key that `mpp registry init` made, with `--root-key`; nothing was changed".to_owned()
            }
            Self::Version { .. } | Self::OtherLogKey => {
                "make a new request with `mpp registry rotate-log-key --request FILE`; nothing was changed".to_owned()
            }
            other => codes::help(other.code()),
        }
    }
}

/// The error returned when the root key is elsewhere, as it should be.
#[derive(Debug, thiserror::Error)]
#[error("the root key is not at `{path}`")]
struct NoRootKey {
    path: String,
}

impl Coded for NoRootKey {
    fn code(&self) -> &'static Code {
        &mpp_registry::codes::N219
    }
}

impl Explain for NoRootKey {
    fn advice(&self) -> String {
        "write a request with `--request FILE`, sign it where the root key is with `mpp registry sign-description`, and pass the \
         result with `--signed FILE`; or name the root key with `--root-key FILE`"
            .to_owned()
    }
}

/// Makes a request, or replaces the key.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryRotateArgs) -> Result<Exit, Error> {
    let place = Place::new(session, &args.place);
    match (&args.request, &args.signed) {
        (Some(file), _) => request(session, ui, &place, &session.resolve(file)),
        (None, Some(file)) => {
            let signed = read(&session.resolve(file))?;
            place::block_on(replace(session, ui, &place, &signed))?
        }
        (None, None) => {
            let path =
                args.root_key.as_ref().map_or_else(|| place.keys().root_key_path(), |file| session.resolve(file));
            if args.root_key.is_none() && !path.exists() {
                return Err(NoRootKey { path: session.shown(&path) }.into());
            }
            let root = publishing::signing_key(session, ui, Some(&path))?;
            place::block_on(async {
                let store = place.open(session)?;
                let request = request_log_key(&place.keys(), &store).await?;
                let signed = request.sign(&root)?;
                take_over(ui, &place, &store, signed.bytes()).await
            })?
        }
    }
}

/// Writes the description that the root key has to sign. A server may run meanwhile.
fn request(session: &Session, ui: &Ui, place: &Place, file: &Path) -> Result<Exit, Error> {
    let store = place.open_to_read(session)?;
    let request: SigningRequest = place::block_on(request_log_key(&place.keys(), &store))??;
    files::write(file, &request.to_bytes(), Access::Shared)?;
    let path = session.shown(file);
    ui.show(&report(request.description(), Replacement::Requested, Some(path.clone()))?)?;
    ui.note(&format!(
        "sign it where the root key is: `mpp registry sign-description {} --root-key root.key -o signed.json`",
        wording::word(&path)
    ));
    ui.note("then stop the servers of the registry, and run `mpp registry rotate-log-key --signed signed.json`");
    Ok(Exit::Done)
}

async fn replace(session: &Session, ui: &Ui, place: &Place, signed: &[u8]) -> Result<Exit, Error> {
    let store = place.open(session)?;
    take_over(ui, place, &store, signed).await
}

/// Replaces the key, and signs the checkpoint and every derived file with the new one.
async fn take_over(ui: &Ui, place: &Place, store: &Store, signed: &[u8]) -> Result<Exit, Error> {
    let keys: RegistryKeys = replace_log_key(&place.keys(), store, signed).await?;
    let log = Log::open(place::log_options(store.clone(), &place.keys(), &keys)?).await?;
    let done = publish_description(store, &keys).await;
    log.close().await;
    done?;
    ui.show(&report(keys.description.value(), Replacement::Replaced, None)?)?;
    ui.note("start the servers again; servers of the same store on other machines need a copy of the directory `keys`");
    Ok(Exit::Done)
}

/// Describes a description.
fn report(description: &WellKnown, step: Replacement, path: Option<String>) -> Result<LogKeyReplaced, Error> {
    let name = description.registry.as_str();
    Ok(LogKeyReplaced {
        step,
        origin: name.to_owned(),
        version: description.version,
        log_key: VerifierKey::new(name, Algorithm::Ed25519, description.log_key)?.to_string(),
        from_size: description.from_size,
        from_root: description.from_root.to_string(),
        path,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    Ok(files::read_text("the description", path, LARGEST)?.into_bytes())
}
