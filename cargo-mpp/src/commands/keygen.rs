//! `mpp keygen`: a publisher's key pair.

use crate::cli::KeygenArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::keystore;
use crate::reports::keys::NewKey;
use crate::session::Session;
use crate::ui::Ui;

/// Makes the pair.
pub(crate) fn run(session: &Session, ui: &Ui, args: &KeygenArgs) -> Result<Exit, Error> {
    if args.name.is_empty() || !args.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return Err(Error::KeyName { name: args.name.clone() });
    }
    let dir = args.output.as_ref().map_or_else(|| keystore::directory(session), |dir| session.resolve(dir));
    let passphrase = args.passphrase.then(|| keystore::new_passphrase(session, ui)).transpose()?;
    let pair = keystore::generate(session, &dir, &args.name, passphrase.as_ref().map(|text| text.as_str()))?;
    ui.show(&NewKey {
        key_id: pair.id,
        private_key: session.shown(&pair.private),
        public_key: session.shown(&pair.public),
        encrypted: args.passphrase,
        recorded: pair.recorded.map(|path| session.shown(&path)),
    })?;
    if args.output.is_none() && args.name == keystore::PUBLISHER {
        ui.note("`mpp build` signs with this key from now on; keep a copy of it in a safe place");
    } else {
        ui.note(&format!("sign with it: `mpp sign PKG -k {}`", session.shown(&pair.private)));
    }
    Ok(Exit::Done)
}
