//! `mpp inspect PKG`: what is in a package and what it may do.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::{Gatekeeper, VerifiedPackage};
use mpp_host::keys::KeyId;
use mpp_host::package::{ContentHash, Limits, Manifest, UnverifiedPackage};
use mpp_host::signature::{self, Toolchain};
use mpp_host::trust::Trust;
use serde::Serialize;

use crate::cli::InspectArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;
use crate::{packages, plain_words, trusting};

/// What is in a package.
#[derive(Debug, Serialize)]
pub(crate) struct Inspection {
    /// The file.
    pub(crate) path: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// Whether it passed the seven steps. Where not, the rest is what the file claims.
    pub(crate) verified: bool,
    /// Whether its publisher may run packages here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust: Option<Trust>,
    /// The key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<KeyId>,
    /// What was signed.
    pub(crate) content_hash: ContentHash,
    /// What built it, as its publisher states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) toolchain: Option<Toolchain>,
    /// What it may do, in plain words.
    pub(crate) abilities: Vec<String>,
    /// What is redacted, in plain words.
    pub(crate) privacy: Vec<String>,
    /// The files in it; empty where it did not pass.
    pub(crate) entries: Vec<Entry>,
    /// The manifest.
    pub(crate) manifest: Manifest,
}

/// A file in a package.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: String,
    /// Its size, unpacked.
    pub(crate) bytes: u64,
    /// Its size in the archive.
    pub(crate) packed_bytes: u64,
}

/// Verifies and shows; a package that does not pass is shown as far as it can be read, and fails.
pub(crate) fn run(session: &Session, ui: &Ui, args: &InspectArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.package);
    let bytes = packages::read(&path)?;
    let gate = Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new()));
    let length = bytes.as_slice().len() as u64;
    match gate.verify(UnverifiedPackage::new(bytes.clone())).outcome {
        Ok(package) => {
            let trust = trusting::store(session)?.decide(&package);
            ui.show(&of_verified(session.shown(&path), length, &package, trust))?;
            Ok(Exit::Done)
        }
        Err(refusal) => {
            let error = Error::Refused { path: path.clone(), refusal: Box::new(refusal) };
            let Ok((unsigned, toolchain)) = signature::unsign(&UnverifiedPackage::new(bytes)) else {
                return Err(error);
            };
            let mut claimed =
                of_manifest(session.shown(&path), length, unsigned.manifest().clone(), *unsigned.content_hash());
            claimed.toolchain = toolchain;
            ui.show_failed(&claimed, &error)
        }
    }
}

fn of_verified(path: String, bytes: u64, package: &VerifiedPackage, trust: Trust) -> Inspection {
    let attestation = package.attestation();
    let packed =
        |name: &str| attestation.entries.iter().find(|entry| entry.name == name).map_or(0, |entry| entry.stored_size);
    Inspection {
        verified: true,
        trust: Some(trust),
        key_id: Some(package.key_id().clone()),
        toolchain: Some(attestation.toolchain.clone()),
        entries: package
            .entries()
            .map(|(name, data)| Entry { name: name.to_owned(), bytes: data.len() as u64, packed_bytes: packed(name) })
            .collect(),
        ..of_manifest(path, bytes, package.manifest().clone(), *package.content_hash())
    }
}

fn of_manifest(path: String, bytes: u64, manifest: Manifest, content_hash: ContentHash) -> Inspection {
    Inspection {
        path,
        bytes,
        verified: false,
        trust: None,
        key_id: None,
        content_hash,
        toolchain: None,
        abilities: plain_words::abilities(&manifest, |_| None),
        privacy: plain_words::privacy(&manifest),
        entries: Vec::new(),
        manifest,
    }
}
