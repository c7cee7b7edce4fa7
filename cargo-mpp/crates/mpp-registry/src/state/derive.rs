//! The files that are derived from the state: index files, publisher files, and the revocation list.

use mpp_host::keys::{KeyRole, PublicKey};
use mpp_host::package::Manifest;
use mpp_host::package::manifest::Capabilities;

use super::{State, VersionState};
use crate::protocol::files::{
    Delegation, FORMAT, IndexFile, PublisherFile, Revocations, RevokedKey, Rotation, TakenDown, TakenDownVersion,
    ToolRecord, VersionRecord,
};
use crate::protocol::{Digest, Timestamp};

/// What an index file repeats of a manifest, which the log knows only by its hash.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct VersionTexts {
    /// Name of the package.
    pub name: String,
    /// Description of the package.
    pub description: String,
    /// License of the package.
    pub license: Option<String>,
    /// Declared capabilities.
    pub capabilities: Capabilities,
    /// The tools.
    pub tools: Vec<ToolRecord>,
}

impl VersionTexts {
    /// Takes the texts from a manifest.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        let tools = manifest.tool_definitions.iter().map(|tool| {
            let (name, title) = (tool.name.clone(), tool.title.clone());
            ToolRecord::new(name, title, tool.description.clone(), tool.security_level)
        });
        Self {
            name: manifest.name.clone(),
            description: manifest.description.clone(),
            license: manifest.license.clone(),
            capabilities: manifest.capabilities.clone(),
            tools: tools.collect(),
        }
    }

    /// Takes the texts back from the record of a version.
    #[must_use]
    pub fn of_record(record: &VersionRecord) -> Self {
        Self {
            name: record.name.clone(),
            description: record.description.clone(),
            license: record.license.clone(),
            capabilities: record.capabilities.clone(),
            tools: record.tools.clone(),
        }
    }
}

impl State {
    /// Returns the hashes of the manifests whose texts the index file of a package repeats.
    pub fn manifests_of(&self, id: &str) -> impl Iterator<Item = Digest> {
        let versions = self.package(id).into_iter().flat_map(|package| package.versions());
        versions.filter(|version| version.taken_down.is_none()).map(|version| version.manifest_hash)
    }

    /// Returns the index file of a package, or `None` if the package does not exist. `texts` returns the texts of a manifest.
    pub fn index_file(&self, id: &str, mut texts: impl FnMut(&Digest) -> VersionTexts) -> Option<IndexFile> {
        let (package_id, package) = self.packages.get_key_value(id)?;
        let owners = package.owners.iter().copied().collect();
        let mut file = IndexFile::new(self.origin.clone(), package_id.clone(), self.size, owners);
        file.domain = self.shown_proof(id, package);
        let mut versions: Vec<&VersionState> = package.versions().collect();
        versions.sort_by_key(|version| version.leaf_index);
        file.versions = versions
            .into_iter()
            .map(|version| {
                let texts = match version.taken_down {
                    Some(_) => VersionTexts::default(),
                    None => texts(&version.manifest_hash),
                };
                record(version, texts)
            })
            .collect();
        file.delegations = package
            .delegations
            .iter()
            .map(|one| Delegation::new(one.owner, one.delegate, one.expires, one.leaf_index))
            .collect();
        Some(file)
    }

    /// Returns the file of a publisher, or `None` if the key is not known.
    #[must_use]
    pub fn publisher_file(&self, key: &PublicKey) -> Option<PublisherFile> {
        let publisher = self.publisher(key)?;
        Some(PublisherFile {
            format: FORMAT,
            registry: self.origin.clone(),
            key: *key,
            key_id: key.id(KeyRole::Publisher),
            tree_size: self.size,
            leaf_index: publisher.leaf_index,
            profile: publisher.profile,
            packages: publisher.packages.iter().cloned().collect(),
            rotated_to: publisher.rotated_to.as_ref().map(|(to, leaf_index)| Rotation::new(*to, *leaf_index)),
            revoked_from: self.revoked_from(key),
        })
    }

    /// Returns the revocation list for the tree with this root, which must have the size of the state.
    #[must_use]
    pub fn revocations(&self, root: Digest, issued: Timestamp, expires: Timestamp) -> Revocations {
        let mut list = Revocations::new(self.origin.clone(), self.size, root, issued, expires);
        let mut revoked: Vec<_> = self.revoked.iter().collect();
        revoked.sort_by_key(|(_, revoked)| revoked.leaf_index);
        list.keys = revoked.into_iter().map(|(key, revoked)| RevokedKey::new(*key, revoked.from_leaf)).collect();
        let taken_down = self.taken_down.iter();
        list.taken_down =
            taken_down.map(|(id, version, _)| TakenDownVersion::new(id.clone(), version.clone())).collect();
        list
    }
}

fn record(version: &VersionState, texts: VersionTexts) -> VersionRecord {
    VersionRecord {
        version: version.version.clone(),
        leaf_index: version.leaf_index,
        time: version.time,
        key: *version.key,
        content_hash: version.content_hash,
        archive_hash: version.archive_hash,
        archive_size: version.archive_size,
        manifest_hash: version.manifest_hash,
        name: texts.name,
        description: texts.description,
        license: texts.license,
        capabilities: texts.capabilities,
        tools: texts.tools,
        yanked: version.yanked,
        taken_down: version.taken_down.map(|(leaf_index, reason)| TakenDown::new(leaf_index, reason)),
    }
}
