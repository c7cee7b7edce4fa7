//! The deterministic archive writer, which writes the same bytes for the same manifest and files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::archive::Listing;
use super::fault::Fault;
use super::inflate::deflate;
use super::layout::{self, Facts, Method};
use super::{ContentHash, MANIFEST, Manifest, ManifestError, SIGNATURE, entry_name, limits::Limits, sha256};
use crate::codes::{self, Code, Coded};

/// The error returned when a package cannot be written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The manifest is not valid.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file cannot be an entry, because of its name or size, or because its name is used twice.
    #[error("{message}")]
    Entry {
        /// Code of the check that would refuse the entry.
        code: &'static Code,
        /// Name of the entry, if the error is about one entry.
        entry: Option<String>,
        /// Description of the problem.
        message: String,
    },
    /// The manifest's entry point is not among the files.
    #[error("the entry point `{entrypoint}` is not among the files")]
    NoEntrypoint {
        /// Value of `runtime.entrypoint` in the manifest.
        entrypoint: String,
    },
}

impl Coded for WriteError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Manifest(error) => error.code,
            Self::Entry { code, .. } => code,
            Self::NoEntrypoint { .. } => &codes::G608,
        }
    }
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        Self::Entry { code: fault.code, entry: fault.entry, message: fault.message }
    }
}

/// An entry as it is stored in the archive.
#[derive(Debug, Clone)]
pub(crate) struct StoredEntry {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) crc: u32,
    pub(crate) unpacked: usize,
    /// SHA-256 digest of the unpacked bytes.
    pub(crate) digest: [u8; 32],
    pub(crate) data: Arc<Vec<u8>>,
}

impl StoredEntry {
    /// Creates an entry, deflated if that makes it smaller.
    fn pack(name: String, bytes: Vec<u8>) -> Self {
        let crc = crc32fast::hash(&bytes);
        let (unpacked, digest) = (bytes.len(), sha256(&bytes));
        let (method, data) = match deflate(&bytes) {
            Some(packed) => (Method::Deflated, packed),
            None => (Method::Stored, bytes),
        };
        Self { name, method, crc, unpacked, digest, data: Arc::new(data) }
    }

    /// Creates an entry that is stored without compression.
    pub(crate) fn store(name: String, bytes: Vec<u8>) -> Self {
        let (crc, unpacked, digest) = (crc32fast::hash(&bytes), bytes.len(), sha256(&bytes));
        Self { name, method: Method::Stored, crc, unpacked, digest, data: Arc::new(bytes) }
    }
}

/// A package without a signature.
#[derive(Debug, Clone)]
pub struct UnsignedPackage {
    manifest: Manifest,
    /// Entries in the order of the archive, the manifest first.
    entries: Vec<StoredEntry>,
    bytes: Vec<u8>,
    content_hash: ContentHash,
}

impl UnsignedPackage {
    /// Returns the bytes of the package, a valid archive without `signature.json`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the hash that a signature would bind if signing did not change the manifest.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }

    /// Returns the manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn entries(&self) -> &[StoredEntry] {
        &self.entries
    }

    /// Returns a package with the same files and another manifest.
    pub(crate) fn with_manifest(self, manifest: Manifest) -> Result<Self, WriteError> {
        let files = self.entries.into_iter().skip(1).collect();
        Self::assemble(manifest, files)
    }

    /// Creates a package from a manifest and packed files.
    pub(crate) fn assemble(manifest: Manifest, mut files: Vec<StoredEntry>) -> Result<Self, WriteError> {
        let json = manifest.to_json();
        Manifest::parse(&json)?;
        if !files.iter().any(|file| file.name == manifest.runtime.entrypoint) {
            return Err(WriteError::NoEntrypoint { entrypoint: manifest.runtime.entrypoint });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files.insert(0, StoredEntry::pack(MANIFEST.to_owned(), json));
        let bytes = write_archive(&files)?;
        // Read the result back, so that an archive that the Gatekeeper would refuse never leaves the writer.
        let listing = Listing::read(&bytes)?;
        crate::gatekeeper::check_names_and_sizes(&bytes, &listing, &Limits::default())?;
        let content_hash = listing.content_hash(&bytes);
        Ok(Self { manifest, entries: files, bytes, content_hash })
    }

    /// Returns the archive with a signature as its last entry.
    pub(crate) fn with_signature(&self, envelope: Vec<u8>) -> Result<Vec<u8>, WriteError> {
        let mut entries = self.entries.clone();
        entries.push(StoredEntry::store(SIGNATURE.to_owned(), envelope));
        let bytes = write_archive(&entries)?;
        let listing = Listing::read(&bytes)?;
        crate::gatekeeper::check_names_and_sizes(&bytes, &listing, &Limits::default())?;
        Ok(bytes)
    }
}

/// Packs a manifest and files into an unsigned package.
///
/// `files` are the names and contents of all entries except `manifest.json` and `signature.json`; they include the
/// entry point.
///
/// # Errors
/// Returns [`WriteError`] if steps 1–3 of the Gatekeeper would refuse the package, if the manifest is not valid, or if
/// the entry point is missing.
pub fn pack(manifest: &Manifest, files: Vec<(String, Vec<u8>)>) -> Result<UnsignedPackage, WriteError> {
    let mut packed = BTreeMap::new();
    for (name, bytes) in files {
        if name == MANIFEST || name == SIGNATURE {
            let message = format!("`{name}` is written by the packer; leave it out of the files");
            return Err(Fault::new(&codes::G117, message).in_entry(name).into());
        }
        entry_name::check(name.as_bytes())?;
        if packed.contains_key(&name) {
            return Err(Fault::new(&codes::G117, format!("`{name}` occurs twice")).in_entry(name).into());
        }
        packed.insert(name.clone(), StoredEntry::pack(name, bytes));
    }
    UnsignedPackage::assemble(manifest.clone(), packed.into_values().collect())
}

fn write_archive(entries: &[StoredEntry]) -> Result<Vec<u8>, WriteError> {
    let too_large = || Fault::new(&codes::G201, "the package is too large for a ZIP archive without zip64");
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let size = |size: usize| u32::try_from(size).map_err(|_| too_large().in_entry(&entry.name));
        let facts = Facts {
            method: entry.method,
            crc: entry.crc,
            stored: size(entry.data.len())?,
            unpacked: size(entry.unpacked)?,
            name: u16::try_from(entry.name.len()).map_err(|_| too_large())?,
        };
        directory.extend(layout::central(&facts, size(bytes.len())?));
        directory.extend(entry.name.as_bytes());
        bytes.extend(layout::local(&facts));
        bytes.extend(entry.name.as_bytes());
        bytes.extend(entry.data.iter());
    }
    let size = |size: usize| u32::try_from(size).map_err(|_| too_large());
    let count = u16::try_from(entries.len()).map_err(|_| too_large())?;
    let end = layout::end(count, size(directory.len())?, size(bytes.len())?);
    bytes.extend(directory);
    bytes.extend(end);
    Ok(bytes)
}

/// Returns the same archive with another `signature.json`.
pub(crate) fn replace_signature(bytes: &[u8], listing: &Listing, envelope: Vec<u8>) -> Result<Vec<u8>, WriteError> {
    let mut entries: Vec<StoredEntry> = listing
        .signed(bytes)
        .map(|entry| StoredEntry {
            name: String::from_utf8_lossy(entry.name(bytes)).into_owned(),
            method: entry.facts.method,
            crc: entry.facts.crc,
            unpacked: entry.facts.unpacked as usize,
            digest: [0; 32],
            data: Arc::new(entry.data(bytes).to_vec()),
        })
        .collect();
    entries.push(StoredEntry::store(SIGNATURE.to_owned(), envelope));
    let bytes = write_archive(&entries)?;
    let listing = Listing::read(&bytes)?;
    crate::gatekeeper::check_names_and_sizes(&bytes, &listing, &Limits::default())?;
    Ok(bytes)
}
