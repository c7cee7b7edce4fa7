//! `mpp trust`: whose packages may run here.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::KeyId;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::trust::TrustedPublisher;
use mpp_sdk::wire::nearest;
use serde::Serialize;

use crate::cli::{TrustAddArgs, TrustArgs, TrustCommand};
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;
use crate::{keystore, packages, trusting};

/// A publisher that is trusted.
#[derive(Debug, Serialize)]
pub(crate) struct Publisher {
    /// The key's name for people.
    pub(crate) key_id: KeyId,
    /// The publisher as the user accepted them.
    #[serde(flatten)]
    pub(crate) publisher: TrustedPublisher,
}

/// A publisher, and what was done.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    /// `added` or `removed`.
    pub(crate) action: &'static str,
    /// Whom it was done to.
    #[serde(flatten)]
    pub(crate) publisher: Publisher,
}

/// Everybody whose packages may run.
#[derive(Debug, Serialize)]
pub(crate) struct TrustList {
    /// Publishers that the user accepted.
    pub(crate) publishers: Vec<Publisher>,
    /// How many keys are the user's own.
    pub(crate) own_keys: usize,
}

/// Adds, lists, shows or removes.
pub(crate) fn run(session: &Session, ui: &Ui, args: &TrustArgs) -> Result<Exit, Error> {
    match &args.command {
        TrustCommand::Add(args) => add(session, ui, args)?,
        TrustCommand::List => {
            let publishers = trusting::publishers(session)?.into_iter().map(Publisher::of).collect();
            ui.show(&TrustList { publishers, own_keys: keystore::own_keys(session)?.len() })?;
        }
        TrustCommand::Show(args) => ui.show(&Publisher::of(find(session, &args.key_id)?))?,
        TrustCommand::Remove(args) => {
            let publisher = find(session, &args.key_id)?;
            trusting::remove(session, &publisher)?;
            ui.show(&Changed { action: "removed", publisher: Publisher::of(publisher) })?;
        }
    }
    Ok(Exit::Done)
}

fn add(session: &Session, ui: &Ui, args: &TrustAddArgs) -> Result<(), Error> {
    let path = session.resolve(&args.source);
    let bytes = packages::read(&path)?;
    let (key, name, prefixes) = if bytes.as_slice().starts_with(b"-----BEGIN") {
        let key = keystore::read_public(&path)?;
        let name = args.name.clone().ok_or(Error::TrustNeeds { what: "--name NAME" })?;
        if args.prefix.is_empty() {
            return Err(Error::TrustNeeds { what: "--prefix ID" });
        }
        (key, name, args.prefix.clone())
    } else {
        let gate = Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new()));
        let verified = gate
            .verify(UnverifiedPackage::new(bytes))
            .outcome
            .map_err(|refusal| Error::Refused { path: path.clone(), refusal: Box::new(refusal) })?;
        let name = args.name.clone().unwrap_or_else(|| verified.manifest().publisher.name.clone());
        let prefixes = if args.prefix.is_empty() { vec![trusting::prefix_of(&verified)] } else { args.prefix.clone() };
        (*verified.publisher_key(), name, prefixes)
    };
    let publisher = trusting::add(session, key, &name, &prefixes)?;
    ui.show(&Changed { action: "added", publisher: Publisher::of(publisher) })
}

fn find(session: &Session, key_id: &str) -> Result<TrustedPublisher, Error> {
    let mut publishers = trusting::publishers(session)?;
    match publishers.iter().position(|publisher| trusting::id(publisher).as_str() == key_id) {
        Some(index) => Ok(publishers.swap_remove(index)),
        None => {
            let ids: Vec<String> = publishers.iter().map(|publisher| trusting::id(publisher).to_string()).collect();
            let nearest = nearest(key_id, ids.iter().map(String::as_str)).map(str::to_owned);
            Err(Error::NoSuchPublisher { key_id: key_id.to_owned(), nearest })
        }
    }
}

impl Publisher {
    fn of(publisher: TrustedPublisher) -> Self {
        Self { key_id: trusting::id(&publisher), publisher }
    }
}
