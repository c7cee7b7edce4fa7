//! Step 1: the archive has exactly the structure that the format requires, so that every parser sees the same entries.

use super::{Refusal, Step};
use crate::package::UnverifiedPackage;
use crate::package::archive::Listing;

/// The proof of step 1, with the entries that it read.
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

/// Reads every header, and accepts only archives that are exactly as the writer produces them.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G1xx` if the archive deviates from the format.
pub fn check(package: UnverifiedPackage) -> Result<SafeArchive, Refusal> {
    let listing = Listing::read(package.bytes()).map_err(|fault| Refusal::new(Step::ArchiveSafety, fault))?;
    Ok(SafeArchive { package, archive_safety: ArchiveSafety { listing } })
}
