//! Package files: read whole, never further than the largest package may be.

use std::io::Read;
use std::path::Path;

use mpp_host::package::{Limits, PackageBytes};

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
