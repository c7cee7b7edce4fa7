//! Step 6: the unpacked entries are those that were signed, and the manifest is valid and describes this package.

use std::sync::Arc;

use super::archive_safety::ArchiveSafety;
use super::content_hash::ContentHashMatch;
use super::path_traversal::PathTraversal;
use super::signature::{SignatureValid, SignedArchive};
use super::size_limits::SizeLimits;
use super::{Refusal, Step};
use crate::causes::with_causes;
use crate::codes::{self, Coded as _};
use crate::package::archive::{Listing, RawEntry};
use crate::package::fault::Fault;
use crate::package::layout::Method;
use crate::package::writer::StoredEntry;
use crate::package::{MANIFEST, Manifest, ManifestError, UnsignedPackage, UnverifiedPackage, WriteError, hex, inflate};
use crate::signature::{SignatureOutcome, Statement};

/// The name and the unpacked bytes of each entry.
type Unpacked = Vec<(String, Arc<Vec<u8>>)>;

/// The proof of step 6, with the manifest and the unpacked entries.
#[derive(Debug)]
pub struct ManifestValid {
    pub(super) manifest: Arc<Manifest>,
    /// Entries in the order of the archive, the manifest first.
    pub(super) entries: Unpacked,
}

/// A package after step 6.
#[derive(Debug)]
pub struct DescribedPackage {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
    pub(super) size_limits: SizeLimits,
    pub(super) path_traversal: PathTraversal,
    pub(super) content_hash: ContentHashMatch,
    pub(super) signature: SignatureValid,
    pub(super) manifest: ManifestValid,
}

/// Unpacks every entry, compares it with the signed statement, and reads the manifest.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G6xx` if an entry does not unpack to the signed bytes, or if the manifest is
/// not valid or contradicts the signature.
pub fn check(archive: SignedArchive) -> Result<DescribedPackage, Refusal> {
    let SignedArchive { package, archive_safety, size_limits, path_traversal, content_hash, signature } = archive;
    let refuse = |fault| Refusal::new(Step::Manifest, fault);
    let entries = unpack(package.bytes(), &archive_safety.listing, &signature.statement).map_err(refuse)?;
    let bytes = entries.first().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
    let manifest = Manifest::parse_without_capabilities(bytes).map_err(|error| refuse(fault_of(error)))?;
    compare(&manifest, &signature.statement).map_err(refuse)?;
    let named = manifest.publisher.verified_key_id.clone();
    if named.as_deref() != Some(signature.key_id.as_str()) {
        let names = named.as_deref().map_or_else(|| "no key".to_owned(), |named| format!("the key `{named}`"));
        let message = format!("the manifest names {names}, but the package is signed by `{}`", signature.key_id);
        let outcome = SignatureOutcome::KeyMismatch { manifest: named, signed_by: signature.key_id };
        return Err(refuse(Fault::new(&codes::G606, message).in_entry(MANIFEST)).with_outcome(outcome));
    }
    if !entries.iter().any(|(name, _)| *name == manifest.runtime.entrypoint) {
        return Err(refuse(no_entrypoint(&manifest)));
    }
    let manifest = ManifestValid { manifest: Arc::new(manifest), entries };
    Ok(DescribedPackage { package, archive_safety, size_limits, path_traversal, content_hash, signature, manifest })
}

fn no_entrypoint(manifest: &Manifest) -> Fault {
    let entrypoint = &manifest.runtime.entrypoint;
    Fault::new(&codes::G608, format!("the entry point `{entrypoint}` is not in the package")).in_entry(MANIFEST)
}

fn fault_of(error: ManifestError) -> Fault {
    Fault::new(error.code, with_causes(&error)).in_entry(MANIFEST).with_help(error.help)
}

/// Unpacks every signed entry and verifies its digest against the statement.
fn unpack(bytes: &[u8], listing: &Listing, statement: &Statement) -> Result<Unpacked, Fault> {
    let contradiction = |message: String| Fault::new(&codes::G605, message);
    let signed: Vec<&RawEntry> = listing.signed(bytes).collect();
    let (subjects, claimed) = (&statement.subject, &statement.predicate.entries);
    if subjects.len() != signed.len() || claimed.len() != signed.len() {
        let message = format!(
            "the statement lists {} subjects and {} entries, but the package has {} entries",
            subjects.len(),
            claimed.len(),
            signed.len()
        );
        return Err(contradiction(message));
    }
    let mut entries = Vec::with_capacity(signed.len());
    for ((entry, subject), claim) in signed.into_iter().zip(subjects).zip(claimed) {
        let name = String::from_utf8_lossy(entry.name(bytes)).into_owned();
        if subject.name != name || claim.name != name || claim.stored_size != u64::from(entry.facts.stored) {
            let message = format!("the statement lists `{}` and `{}` in place of `{name}`", subject.name, claim.name);
            return Err(contradiction(message).in_entry(name));
        }
        let (unpacked, digest) = unpack_entry(entry, bytes).map_err(|fault| fault.in_entry(&name))?;
        if hex(digest) != subject.digest.sha256 {
            let message = format!(
                "the SHA-256 of its content is {}, but the statement says {}",
                hex(digest),
                subject.digest.sha256
            );
            return Err(Fault::new(&codes::G604, message).in_entry(name));
        }
        entries.push((name, Arc::new(unpacked)));
    }
    Ok(entries)
}

fn unpack_entry(entry: &RawEntry, bytes: &[u8]) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    match entry.facts.method {
        Method::Stored => inflate::copy(entry.data(bytes), entry.facts.crc),
        Method::Deflated => inflate::inflate(entry.data(bytes), entry.facts.unpacked as usize, entry.facts.crc),
    }
}

/// Checks that the statement has the package id and version of the manifest.
fn compare(manifest: &Manifest, statement: &Statement) -> Result<(), Fault> {
    let predicate = &statement.predicate;
    for (field, stated, found) in [
        ("package_id", &predicate.package_id, &manifest.package_id),
        ("version", &predicate.version, &manifest.version),
    ] {
        if stated != found {
            let message = format!("`{field}` is `{found}` in the manifest but `{stated}` in the signed statement");
            return Err(Fault::new(&codes::G607, message).in_entry(MANIFEST));
        }
    }
    Ok(())
}

/// Reads a package to sign it again, and keeps the packed bytes of all entries except the manifest.
///
/// The package has passed steps 1–3, and also 4–5 if it is signed.
pub(super) fn repack(bytes: &[u8]) -> Result<UnsignedPackage, Refusal> {
    let refuse = |fault| Refusal::new(Step::Manifest, fault);
    let listing = Listing::read(bytes).map_err(|fault| Refusal::new(Step::ArchiveSafety, fault))?;
    let mut manifest = Vec::new();
    let mut files = Vec::new();
    for entry in listing.signed(bytes) {
        let name = String::from_utf8_lossy(entry.name(bytes)).into_owned();
        let (unpacked, digest) = unpack_entry(entry, bytes).map_err(|fault| refuse(fault.in_entry(&name)))?;
        if name == MANIFEST {
            manifest = unpacked;
            continue;
        }
        let (method, crc) = (entry.facts.method, entry.facts.crc);
        let data = Arc::new(entry.data(bytes).to_vec());
        files.push(StoredEntry { name, method, crc, unpacked: unpacked.len(), digest, data });
    }
    let manifest = Manifest::parse(&manifest).map_err(|error| refuse(fault_of(error)))?;
    UnsignedPackage::assemble(manifest, files).map_err(|error| match error {
        WriteError::Manifest(error) => refuse(fault_of(error)),
        error => refuse(Fault::new(error.code(), error.to_string())),
    })
}
