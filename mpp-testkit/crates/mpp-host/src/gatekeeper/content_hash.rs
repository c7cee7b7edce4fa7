//! Step 4: the stored bytes have the content hash that the envelope states; nothing is inflated.

use super::archive_safety::ArchiveSafety;
use super::path_traversal::{ContainedArchive, PathTraversal};
use super::size_limits::SizeLimits;
use super::{Refusal, Step};
use crate::codes;
use crate::package::fault::Fault;
use crate::package::{ContentHash, UnverifiedPackage};
use crate::signature::{Claim, ClaimFault, EntryChange, SignatureOutcome};

/// The proof of step 4: the hash of the stored bytes, which matches the claimed one if the claim is readable.
#[derive(Debug)]
pub struct ContentHashMatch {
    pub(super) content_hash: ContentHash,
    pub(super) claim: ClaimState,
}

/// The state of the claim in `signature.json`. Step 5 accepts only [`Self::Read`].
#[derive(Debug)]
pub(super) enum ClaimState {
    Absent,
    Unreadable(ClaimFault),
    Read(Box<Claim>),
}

/// A package after step 4.
#[derive(Debug)]
pub struct HashedArchive {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
    pub(super) size_limits: SizeLimits,
    pub(super) path_traversal: PathTraversal,
    pub(super) content_hash: ContentHashMatch,
}

impl HashedArchive {
    pub(super) fn content_hash(&self) -> ContentHash {
        self.content_hash.content_hash
    }
}

/// Computes the content hash and compares it with the claimed one, if the claim is readable.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G4xx` if the hashes differ. It names the entries that were added, removed or
/// changed.
pub fn check(archive: ContainedArchive) -> Result<HashedArchive, Refusal> {
    let ContainedArchive { package, archive_safety, size_limits, path_traversal } = archive;
    let bytes = package.bytes();
    let content_hash = archive_safety.listing.content_hash(bytes);
    let claim = match archive_safety.listing.signature(bytes).map(Claim::read) {
        None => ClaimState::Absent,
        Some(Err(fault)) => ClaimState::Unreadable(fault),
        Some(Ok(claim)) if claim.statement.predicate.content_hash == content_hash => ClaimState::Read(Box::new(claim)),
        Some(Ok(claim)) => {
            let claimed = claim.statement.predicate.content_hash;
            return Err(changed(content_hash, claimed, claim.changes(&archive_safety.listing, bytes)));
        }
    };
    let content_hash = ContentHashMatch { content_hash, claim };
    Ok(HashedArchive { package, archive_safety, size_limits, path_traversal, content_hash })
}

fn changed(found: ContentHash, claimed: ContentHash, changes: Vec<EntryChange>) -> Refusal {
    let fault = match changes.as_slice() {
        [] => Fault::new(
            &codes::G402,
            format!("the content hash is {found}, but the signature states {claimed}; all entries match the signature"),
        ),
        [first, rest @ ..] => {
            let mut message = format!("`{}` was {} after signing", first.entry, first.change);
            for change in rest.iter().take(9) {
                message += &format!(", `{}` was {}", change.entry, change.change);
            }
            if rest.len() > 9 {
                message += &format!(", and {} more", rest.len() - 9);
            }
            Fault::new(&codes::G401, message).in_entry(&first.entry)
        }
    };
    Refusal::new(Step::ContentHash, fault).with_outcome(SignatureOutcome::ContentChanged { changes })
}
