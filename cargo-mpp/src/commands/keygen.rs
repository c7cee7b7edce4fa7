//! `mpp keygen`: generates a publisher key pair.

use mpp_home::PUBLISHER;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::{KeyId, KeyRole};

use crate::cli::KeygenArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::own_keys;
use crate::passphrase;
use crate::reports::keys::NewKey;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording;

/// The error returned when the value of `--name` is not a file name.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is not a name for a key file: expected letters, digits, `-`, `_` and `.`")]
pub(crate) struct KeyName {
    name: String,
}

impl Coded for KeyName {
    fn code(&self) -> &'static Code {
        &codes::C001
    }
}

impl Explain for KeyName {
    fn place(&self) -> Option<String> {
        Some("--name".to_owned())
    }

    fn advice(&self) -> String {
        "use `-o DIR` to choose a directory".to_owned()
    }
}

/// Generates the pair.
pub(crate) fn run(session: &Session, ui: &Ui, args: &KeygenArgs) -> Result<Exit, Error> {
    if args.name.is_empty() || !args.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return Err(KeyName { name: args.name.clone() }.into());
    }
    let keys = session.home().keys();
    let dir = args.output.as_ref().map_or_else(|| keys.dir(), |dir| session.resolve(dir));
    let passphrase = args.passphrase.then(|| passphrase::of_new_key(session, ui)).transpose()?;
    let pair = keys.generate(&dir, &args.name, passphrase.as_ref().map(|text| text.as_str()))?;
    let key_id = pair.id.clone();
    let pair_is_default = args.output.is_none() && args.name == PUBLISHER;
    ui.show(&NewKey {
        key_id: pair.id,
        private_key_path: session.shown(&pair.private),
        public_key_path: session.shown(&pair.public),
        encrypted: args.passphrase,
        recorded_path: pair.recorded.map(|path| session.shown(&path)),
    })?;
    if pair_is_default {
        ui.note("from now on, `mpp build` signs with this key; keep a copy in a safe place");
    } else {
        ui.note(&format!("to sign with it: `mpp sign PKG -k {}`", wording::word(&session.shown(&pair.private))));
    }
    if pair_is_default {
        offer_to_move(session, ui, &key_id)?;
    }
    Ok(Exit::Done)
}

/// Says what stays with the development key, which signed until now, and offers to move it.
fn offer_to_move(session: &Session, ui: &Ui, new: &KeyId) -> Result<(), Error> {
    let own = session.home().keys().own_with_ids()?;
    let find = |wanted: &dyn Fn(&KeyId) -> bool| own.iter().find(|(id, _)| wanted(id));
    let (Some((old, from)), Some((_, to))) = (find(&|id| id.role() == KeyRole::Development), find(&|id| id == new))
    else {
        return Ok(());
    };
    let left = own_keys::describe(session, old.clone(), from)?;
    if left.has_nothing() {
        return Ok(());
    }
    let what = left.in_words();
    if session.can_ask() && !ui.wants_json() && ui.confirm(&format!("Move {what} from {old} to the new key?"))? {
        ui.show(&own_keys::transfer(session, from, to)?)?;
        return Ok(());
    }
    ui.note(&format!(
        "{old} still has {what} of your packages; to move what it has: `mpp key move --from {old} --to {new}`"
    ));
    Ok(())
}
