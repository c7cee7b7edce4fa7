//! Step 3: no entry name leads outside the package on any operating system.

use super::archive_safety::ArchiveSafety;
use super::size_limits::{BoundedArchive, SizeLimits};
use super::{Refusal, Step};
use crate::package::archive::Listing;
use crate::package::fault::Fault;
use crate::package::{SIGNATURE, UnverifiedPackage, entry_name};

/// The proof of step 3.
#[derive(Debug)]
pub struct PathTraversal(());

/// A package after step 3.
#[derive(Debug)]
pub struct ContainedArchive {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
    pub(super) size_limits: SizeLimits,
    pub(super) path_traversal: PathTraversal,
}

impl ContainedArchive {
    /// Returns whether the archive has a `signature.json`.
    pub(super) fn is_signed(&self) -> bool {
        self.archive_safety.listing.find(self.package.bytes(), SIGNATURE).is_some()
    }
}

/// Checks the name of every entry.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G3xx` if a name is not allowed.
pub fn check(archive: BoundedArchive) -> Result<ContainedArchive, Refusal> {
    let BoundedArchive { package, archive_safety, size_limits } = archive;
    check_names(package.bytes(), &archive_safety.listing).map_err(|fault| Refusal::new(Step::PathTraversal, fault))?;
    Ok(ContainedArchive { package, archive_safety, size_limits, path_traversal: PathTraversal(()) })
}

/// Checks the name of every entry in `listing`.
pub(super) fn check_names(bytes: &[u8], listing: &Listing) -> Result<(), Fault> {
    listing.entries.iter().try_for_each(|entry| entry_name::check(entry.name(bytes)).map(|_| ()))
}
