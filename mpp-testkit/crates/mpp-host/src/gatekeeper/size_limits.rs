//! Step 2: no size in the headers is over the limits; later steps verify that the headers are true.

use super::archive_safety::{ArchiveSafety, SafeArchive};
use super::{Refusal, Step};
use crate::codes::{self, Code};
use crate::package::archive::Listing;
use crate::package::entry_name::show;
use crate::package::fault::Fault;
use crate::package::limits::{Limits, RATIO_FROM};
use crate::package::{MANIFEST, SIGNATURE, UnverifiedPackage};

/// The proof of step 2.
#[derive(Debug)]
pub struct SizeLimits(());

/// A package after step 2.
#[derive(Debug)]
pub struct BoundedArchive {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
    pub(super) size_limits: SizeLimits,
}

/// Checks the archive and its entries against the smaller of the format's limits and `limits`.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G2xx` if a limit is exceeded.
pub fn check(archive: SafeArchive, limits: &Limits) -> Result<BoundedArchive, Refusal> {
    let SafeArchive { package, archive_safety } = archive;
    let limits = &Limits::default().lowered(limits);
    check_length(package.bytes().len() as u64, limits)
        .and_then(|()| check_entries(package.bytes(), &archive_safety.listing, limits))
        .map_err(|fault| Refusal::new(Step::SizeLimits, fault))?;
    Ok(BoundedArchive { package, archive_safety, size_limits: SizeLimits(()) })
}

/// Checks the length of the file.
pub(super) fn check_length(length: u64, limits: &Limits) -> Result<(), Fault> {
    at_most(&codes::G201, "the archive has", length, limits.archive, "bytes")
}

/// Checks the number, names and sizes of the entries.
pub(super) fn check_entries(bytes: &[u8], listing: &Listing, limits: &Limits) -> Result<(), Fault> {
    at_most(&codes::G202, "the archive has", listing.entries.len() as u64, limits.entries as u64, "entries")?;
    let mut total = 0_u64;
    for entry in &listing.entries {
        let name = entry.name(bytes);
        let (stored, unpacked) = (u64::from(entry.facts.stored), u64::from(entry.facts.unpacked));
        let check = || {
            at_most(&codes::G207, "the name has", name.len() as u64, limits.name as u64, "bytes")?;
            let levels = name.split(|byte| *byte == b'/').count() as u64;
            at_most(&codes::G208, "the name has", levels, limits.levels as u64, "levels")?;
            if name == MANIFEST.as_bytes() {
                at_most(&codes::G205, "it unpacks to", unpacked, limits.manifest, "bytes")?;
            }
            if name == SIGNATURE.as_bytes() {
                at_most(&codes::G206, "it has", unpacked, limits.signature, "bytes")?;
            }
            at_most(&codes::G203, "it unpacks to", unpacked, limits.entry, "bytes")?;
            if unpacked > RATIO_FROM && unpacked > stored.saturating_mul(limits.ratio) {
                let message =
                    format!("{stored} bytes unpack to {unpacked}; the highest allowed ratio is {}:1", limits.ratio);
                return Err(Fault::new(&codes::G209, message));
            }
            Ok(())
        };
        check().map_err(|fault| fault.in_entry(show(name)))?;
        total += unpacked;
    }
    at_most(&codes::G204, "the entries unpack to", total, limits.unpacked, "bytes")
}

fn at_most(code: &'static Code, what: &str, found: u64, limit: u64, unit: &str) -> Result<(), Fault> {
    if found <= limit {
        return Ok(());
    }
    Err(Fault::new(code, format!("{what} {found} {unit}; the limit is {limit}")))
}
