//! `mpp key delegate`: lets another key publish versions of some packages for a time.

use std::time::{Duration, SystemTime};

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;
use mpp_registry::protocol::{PackageId, Timestamp};

use crate::cli::KeyDelegateArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::Delegated;
use crate::session::Session;
use crate::ui::Ui;

/// Name of a new key pair.
const NAME: &str = "delegate";

/// Signs the delegation as an owner. A new key is written before the registry is asked, so that it is never lost.
pub(super) fn run(session: &Session, ui: &Ui, args: &KeyDelegateArgs) -> Result<Exit, Error> {
    let ids = args.packages.iter().map(|id| PackageId::parse(id)).collect::<Result<Vec<_>, _>>()?;
    let registries = Registries::load(session)?;
    let Some(first) = ids.first() else { return Ok(Exit::Usage) };
    let registry = publishing::registry_of(&registries, first, args.registry.registry.as_deref())?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let (delegate, path) = match &args.to {
        Some(text) => (publishing::public_key(session, text)?, None),
        None => {
            let dir = args.output.as_ref().map_or_else(|| session.resolve(".".as_ref()), |dir| session.resolve(dir));
            let pair = session.home().keys().generate(&dir, NAME, None)?;
            (mpp_home::read_public_key(&pair.public)?, Some(session.shown(&pair.private)))
        }
    };
    let expires = Timestamp::from(SystemTime::now()).after(Duration::from_secs(args.days * 24 * 60 * 60));
    let change = Change::delegate(delegate, ids, expires);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&Delegated {
        key_id: delegate.id(KeyRole::Publisher),
        public_key: delegate,
        private_key_path: path,
        package_ids: args.packages.clone(),
        expires_at: expires.to_string(),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
