//! `mpp registry copy`: copies a registry, or brings a copy up to date.

use std::sync::Arc;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::{HttpError, HttpTransport};
use mpp_registry::log::{Files, copy, copy_commits};
use mpp_registry::note::{Algorithm, VerifierKey};
use mpp_registry::protocol::files::WellKnown;
use mpp_registry::protocol::paths;
use mpp_registry::store::Store;
use mpp_registry::upstream::Upstream;

use super::place;
use crate::cli::RegistryCopyArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::registry::CopiedRegistry;
use crate::session::Session;
use crate::ui::Ui;

/// An error of `mpp registry copy`.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyRefused {
    /// The source is not the store of a registry.
    #[error("`{0}` is not the store of a registry: it has no `{path}`", path = paths::WELL_KNOWN)]
    NoRegistry(String),
    /// The address of the source cannot be used.
    #[error(transparent)]
    Address(#[from] HttpError),
    /// The source cannot be read.
    #[error("`{place}` cannot be read")]
    Unreadable {
        /// The source.
        place: String,
        /// The reason.
        source: BoxedError,
    },
    /// Commit objects are not public.
    #[error("commit objects can be copied from a directory or an object store only, and `{0}` is an address")]
    NoCommits(String),
    /// The registry has another root key.
    #[error("the registry has the root key `{found}`, expected `{expected}`")]
    OtherKey {
        /// The key of the registry.
        found: String,
        /// The key on the command line.
        expected: String,
    },
}

impl Coded for CopyRefused {
    fn code(&self) -> &'static Code {
        match self {
            Self::NoRegistry(_) | Self::NoCommits(_) => &codes::C066,
            Self::Address(error) => error.code(),
            Self::Unreadable { .. } => &mpp_registry::codes::N137,
            Self::OtherKey { .. } => &mpp_registry::codes::N004,
        }
    }
}

impl Explain for CopyRefused {}

/// Copies what is missing.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryCopyArgs) -> Result<Exit, Error> {
    let destination = place::open(session, &args.destination)?;
    let copied = if ["http://", "https://"].iter().any(|scheme| args.source.starts_with(scheme)) {
        if args.commits {
            return Err(CopyRefused::NoCommits(args.source.clone()).into());
        }
        let transport = HttpTransport::new(&args.source, &place::http_options(session, args.ca.as_deref())?)
            .map_err(CopyRefused::Address)?;
        place::block_on(copy_all(args, &Upstream::new(Arc::new(transport)), None, &destination))??
    } else {
        let source = place::open_to_read(session, &args.source)?;
        place::block_on(copy_all(args, &source, Some(&source), &destination))??
    };
    ui.show(&copied)?;
    Ok(Exit::Done)
}

async fn copy_all(
    args: &RegistryCopyArgs,
    source: &dyn Files,
    store: Option<&Store>,
    destination: &Store,
) -> Result<CopiedRegistry, Error> {
    let unreadable = |source| CopyRefused::Unreadable { place: args.source.clone(), source };
    let missing = || CopyRefused::NoRegistry(args.source.clone());
    let bytes = source.read(paths::WELL_KNOWN).await.map_err(unreadable)?.ok_or_else(missing)?;
    let description = WellKnown::first_contact(&bytes)?.into_value();
    let name = description.registry.as_str();
    let root_key = VerifierKey::new(name, Algorithm::Ed25519, description.root_key)?.to_string();
    if let Some(expected) = args.key.clone().filter(|expected| *expected != root_key) {
        return Err(CopyRefused::OtherKey { found: root_key, expected }.into());
    }
    let log = VerifierKey::new(name, Algorithm::Ed25519, description.log_key)?;
    // Commits first: a backup whose checkpoint is ahead of its commits could not be served.
    let commits = match store.filter(|_| args.commits) {
        Some(store) => copy_commits(store, destination).await?,
        None => 0,
    };
    let copied = copy(source, destination, &log).await?;
    Ok(CopiedRegistry {
        origin: description.registry.to_string(),
        root_key,
        leaves: copied.leaves,
        files: copied.files,
        commits,
    })
}
