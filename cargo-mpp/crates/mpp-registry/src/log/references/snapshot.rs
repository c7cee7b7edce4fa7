//! What leaves refer to as one document, with which a mirror starts without reading the whole log.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_host::PublicKey;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::object::Kind;
use super::{Object, References, Release};
use crate::protocol::{Digest, PackageId};
use crate::sealed;

/// The version of the document. A document of another version is not read.
const FORMAT: u32 = 1;

/// Version, archive hash, size, manifest hash.
type Row = (Version, Digest, u64, Digest);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    packages: Vec<(PackageId, Vec<Row>)>,
    /// Packages and manifests that no version has any more.
    obsolete: Vec<(Kind, Digest, Option<u64>)>,
    profiles: Vec<(PublicKey, Digest)>,
    notes: Vec<(PackageId, Vec<(Version, Digest)>)>,
    /// Texts that nothing has any more.
    former: Vec<Digest>,
    publishers: Vec<PublicKey>,
}

impl References {
    /// Returns the references as a document. What is still to be erased is not part of it.
    pub(crate) fn to_snapshot(&self) -> Vec<u8> {
        let row = |(version, release): (&Version, &Release)| {
            (version.clone(), release.archive, release.size, release.manifest)
        };
        let note = |(version, note): (&Version, &Digest)| (version.clone(), *note);
        let document = Document {
            format: FORMAT,
            packages: self.packages.iter().map(|(id, all)| (id.clone(), all.iter().map(row).collect())).collect(),
            obsolete: self
                .objects
                .iter()
                .filter(|(_, object)| object.uses == 0)
                .map(|((kind, digest), object)| (*kind, *digest, object.size))
                .collect(),
            profiles: self.profiles.iter().map(|(key, profile)| (*key, *profile)).collect(),
            notes: self.notes.iter().map(|(id, all)| (id.clone(), all.iter().map(note).collect())).collect(),
            former: self.texts.iter().filter(|(_, uses)| **uses == 0).map(|(digest, _)| *digest).collect(),
            publishers: self.publishers.iter().map(|(key, ())| *key).collect(),
        };
        sealed::seal(&serde_json::to_vec(&document).unwrap_or_default())
    }

    /// Reads a document. Returns `None` if it is damaged or of another version.
    pub(crate) fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(sealed::open(bytes)?).ok()?;
        if document.format != FORMAT {
            return None;
        }
        let mut references = Self::default();
        for (package_id, rows) in document.packages {
            references.packages.insert(package_id.clone(), Arc::new(BTreeMap::new()));
            for (version, archive, size, manifest) in rows {
                references.publish(&package_id, &version, Release { archive, size, manifest });
            }
        }
        for (kind, digest, size) in document.obsolete {
            references.objects.insert((kind, digest), Object { size, uses: 0 });
        }
        document.former.into_iter().for_each(|former| references.texts.insert(former, 0));
        for (package_id, notes) in document.notes {
            for (version, note) in notes {
                references.explain(&package_id, &version, Some(note));
            }
        }
        for (key, profile) in document.profiles {
            references.profiles.insert(key, profile);
            references.count(profile);
        }
        document.publishers.into_iter().for_each(|key| references.publishers.insert(key, ()));
        Some(references)
    }
}
