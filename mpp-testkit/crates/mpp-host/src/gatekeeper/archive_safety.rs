//! Step 1: the archive is exactly as the format has it, so that every parser sees the same entries.

use super::{Refusal, Step};
use crate::package::UnverifiedPackage;
use crate::package::archive::Listing;

/// Proof of step 1, with what it read.
#[derive(Debug)]
pub struct ArchiveSafety {
    pub(super) listing: Listing,
}

/// A package after step 1.
#[derive(Debug)]
pub struct SafeArchive {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
}

/// Reads every header and accepts exactly what the writer writes.
///
/// # Errors
/// `MPP-G1xx`.
pub fn check(package: UnverifiedPackage) -> Result<SafeArchive, Refusal> {
    let listing = Listing::read(package.bytes()).map_err(|fault| Refusal::new(Step::ArchiveSafety, fault))?;
    Ok(SafeArchive { package, archive_safety: ArchiveSafety { listing } })
}
