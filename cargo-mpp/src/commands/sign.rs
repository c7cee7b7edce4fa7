//! `mpp sign PKG`: the same package under a publisher's signature.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::KeyRole;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::signature;

use crate::atomic::{self, Mode};
use crate::cli::SignArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::build::Signed;
use crate::session::Session;
use crate::ui::Ui;
use crate::{building, keystore, packages};

/// Reads strictly, signs, verifies what came out, writes.
pub(crate) fn run(session: &Session, ui: &Ui, args: &SignArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.package);
    let bytes = packages::read(&path)?;
    let (unsigned, toolchain) = signature::unsign(&UnverifiedPackage::new(bytes))
        .map_err(|refusal| Error::Refused { path: path.clone(), refusal: Box::new(refusal) })?;
    let key_path = match &args.key {
        Some(key) => session.resolve(key),
        None => keystore::publisher_key(session),
    };
    if args.key.is_none() && key_path.symlink_metadata().is_err() {
        return Err(Error::NoPublisherKey);
    }
    let key = keystore::load(session, ui, &key_path)?;
    let key = if keystore::is_development(session, &key_path) { key.with_role(KeyRole::Development) } else { key };
    let signed = signature::sign(unsigned, &key, &toolchain.unwrap_or_else(building::unknown_toolchain))
        .map_err(|source| Error::Sign { path: path.clone(), source })?;

    let gate = Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new()));
    let verified = gate
        .verify(UnverifiedPackage::new(signed.clone()))
        .outcome
        .map_err(|refusal| Error::Refused { path: path.clone(), refusal: Box::new(refusal) })?;
    let target = match &args.output {
        Some(output) => session.resolve(output),
        None => path.with_file_name(building::file_name(verified.manifest(), key.role())),
    };
    atomic::write(&target, signed.as_slice(), Mode::Shared)?;
    ui.show(&Signed {
        path: session.shown(&target),
        package_id: verified.manifest().package_id.clone(),
        version: verified.manifest().version.clone(),
        content_hash: *verified.content_hash(),
        key_id: verified.key_id().clone(),
    })?;
    ui.note(&format!("check it as others will: `mpp verify {}`", session.shown(&target)));
    Ok(Exit::Done)
}
