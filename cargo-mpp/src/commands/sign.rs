//! `mpp sign PKG`: signs a package with a publisher key.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use mpp_home::files::Access;
use mpp_host::package::UnverifiedPackage;
use mpp_host::signature;

use crate::building::{self, NoPublisherKey};
use crate::cli::SignArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::packages::{self, PackageError, PackageFile};
use crate::passphrase;
use crate::reports::build::Signed;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording;

/// Reads the package strictly, signs it, verifies the result, and writes it.
pub(crate) fn run(session: &Session, ui: &Ui, args: &SignArgs) -> Result<Exit, Error> {
    let path = packages::locate(session, ui, &args.package, true)?;
    let bytes = packages::read_bytes(&path)?;
    let (unsigned, toolchain) =
        signature::unsign(&UnverifiedPackage::new(bytes)).map_err(|refusal| PackageError::refused(&path, refusal))?;
    let keys = session.home().keys();
    let key_path = match &args.key {
        Some(key) => session.resolve(key),
        None => keys.publisher_key(),
    };
    if args.key.is_none() && key_path.symlink_metadata().is_err() {
        return Err(NoPublisherKey.into());
    }
    let key = keys.load(&key_path, |path| passphrase::of_key(session, ui, path))?;
    let signed = signature::sign(unsigned, &key, &toolchain.unwrap_or_else(building::unknown_toolchain))
        .map_err(|source| PackageError::Sign { path: path.clone(), source })?;

    let verified = packages::verify(&packages::gatekeeper(), &path, PackageFile::Bytes(signed.clone()))?;
    let target = match &args.output {
        Some(output) => session.resolve(output),
        None => destination(&path),
    };
    packages::write(&target, signed.as_slice(), Access::Shared)?;
    ui.show(&Signed {
        path: session.shown(&target),
        package_id: verified.manifest().package_id.clone(),
        version: verified.manifest().version.clone(),
        content_hash: *verified.content_hash(),
        key_id: verified.key_id().clone(),
    })?;
    ui.note(&format!("verify it as others will: `mpp verify {}`", wording::word(&session.shown(&target))));
    Ok(Exit::Done)
}

/// Returns where to write the signed package: to `X.mpp` for `X.dev.mpp` and `X.unsigned.mpp`, and otherwise to the same file.
fn destination(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let stem = [".dev.mpp", ".unsigned.mpp"].iter().find_map(|suffix| name.strip_suffix(suffix));
    stem.filter(|stem| !stem.is_empty()).map_or(path.to_owned(), |stem| path.with_file_name(format!("{stem}.mpp")))
}
