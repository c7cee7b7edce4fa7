//! Package files: read whole, never further than the largest package may be, and verified.

use std::io::Read;
use std::path::Path;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::{Gatekeeper, VerifiedPackage};
use mpp_host::package::{Limits, PackageBytes, UnverifiedPackage};

use crate::error::Error;

/// Reads a package; one byte over the limit is enough for the Gatekeeper to refuse it by size.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn read(path: &Path) -> Result<PackageBytes, Error> {
    let failed = |source| Error::read("the package", path, source);
    let file = std::fs::File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    let limit = Limits::default().archive + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(limit)).unwrap_or_default());
    file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes.into())
}

/// The seven steps, for a command that goes on only with a package that passes.
///
/// # Errors
/// [`Error::Refused`] where it does not.
pub(crate) fn verify(path: &Path, bytes: PackageBytes) -> Result<VerifiedPackage, Error> {
    verify_by(&Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new())), path, bytes)
}

/// The same, by the Gatekeeper of the host that is to run it.
///
/// # Errors
/// [`Error::Refused`] where it does not pass.
pub(crate) fn verify_by(gate: &Gatekeeper, path: &Path, bytes: PackageBytes) -> Result<VerifiedPackage, Error> {
    gate.verify(UnverifiedPackage::new(bytes))
        .outcome
        .map_err(|refusal| Error::Refused { path: path.to_owned(), refusal: Box::new(refusal) })
}
