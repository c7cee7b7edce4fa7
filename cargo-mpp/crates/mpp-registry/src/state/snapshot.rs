//! The state as one document, with which a server starts without reading the whole log.
//!
//! The document is a cache: it is written beside the keys and never into the store, and a server that cannot read it reads the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use mpp_host::keys::PublicKey;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::packages::Package;
use super::{DelegationState, Domain, Publisher, Revoked, State, VersionState};
use crate::protocol::{Digest, DomainState, Genesis, Origin, PackageId, TakedownReason, Timestamp};
use crate::sealed;

/// The version of the document. A document of another version is not read.
const FORMAT: u32 = 2;

/// The index of a key in the table of keys: most keys occur often, and reading one costs a point on a curve.
type Key = usize;

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: u32,
    origin: Origin,
    genesis: Option<Genesis>,
    size: u64,
    time: u64,
    cleaned: u64,
    keys: Vec<PublicKey>,
    publishers: Vec<(Key, PublisherRecord)>,
    packages: Vec<(PackageId, PackageRecord)>,
    approved: Vec<(PackageId, u64)>,
    domains: Vec<(String, Vec<Key>, DomainState, u64, u64)>,
    revoked: Vec<(Key, u64, u64)>,
    taken_down: Vec<(PackageId, Version, TakedownReason)>,
    recent: Vec<(Digest, u64, u64)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PublisherRecord {
    leaf: u64,
    profile: Option<Digest>,
    approved: bool,
    rotated_to: Option<(Key, u64)>,
    bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct PackageRecord {
    owners: Vec<Key>,
    changed: u64,
    delegations: Vec<(Key, Key, Key, Timestamp, u64, Option<u64>)>,
    versions: Vec<VersionRow>,
}

/// Version, leaf, time, key, content hash, archive hash, size, manifest hash, yanked, taken down.
type VersionRow = (Version, u64, u64, Key, Digest, Digest, u64, Digest, bool, Option<Takedown>);
/// Leaf, reason, explanation.
type Takedown = (u64, TakedownReason, Option<Digest>);

/// Collects keys into a table.
#[derive(Default)]
struct Keys {
    known: HashMap<PublicKey, Key>,
    list: Vec<PublicKey>,
}

impl Keys {
    fn index(&mut self, key: &PublicKey) -> Key {
        *self.known.entry(*key).or_insert_with(|| {
            self.list.push(*key);
            self.list.len() - 1
        })
    }
}

impl State {
    /// Returns the state as a document.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let mut keys = Keys::default();
        let mut document = Document {
            format: FORMAT,
            origin: self.origin.clone(),
            genesis: self.genesis.clone(),
            size: self.size,
            time: self.time,
            cleaned: self.cleaned,
            publishers: self.publishers().map(|(key, publisher)| publisher_record(&mut keys, key, publisher)).collect(),
            packages: self.packages().map(|(id, package)| (id.clone(), package_record(&mut keys, package))).collect(),
            approved: self.approved.iter().map(|(id, leaf)| (id.clone(), *leaf)).collect(),
            domains: Vec::new(),
            revoked: Vec::new(),
            taken_down: self.taken_down.as_ref().clone(),
            recent: self.recent.iter().map(|(digest, (leaf, until))| (*digest, *leaf, *until)).collect(),
            keys: Vec::new(),
        };
        for (name, domain) in self.domains.iter() {
            let named = domain.keys.iter().map(|key| keys.index(key)).collect();
            document.domains.push((name.clone(), named, domain.state, domain.leaf_index, domain.since));
        }
        for (key, revoked) in self.revoked.iter() {
            document.revoked.push((keys.index(key), revoked.from_leaf, revoked.leaf_index));
        }
        document.keys = keys.list;
        sealed::seal(&serde_json::to_vec(&document).unwrap_or_default())
    }

    /// Reads a document. Returns `None` if it is damaged, of another version, or of another registry.
    #[must_use]
    pub fn from_snapshot(bytes: &[u8], origin: &Origin) -> Option<Self> {
        let document: Document = serde_json::from_slice(sealed::open(bytes)?).ok()?;
        if document.format != FORMAT || document.origin != *origin {
            return None;
        }
        let key = |index: Key| document.keys.get(index).copied();
        let mut state = Self::new(document.origin.clone());
        (state.genesis, state.size, state.time, state.cleaned) =
            (document.genesis.clone(), document.size, document.time, document.cleaned);
        for (index, record) in &document.publishers {
            state.publishers.insert(key(*index)?, Arc::new(publisher(record, &key)?));
        }
        for (id, record) in document.packages {
            let package = package(record, &key)?;
            state.versions += package.version_count() as u64;
            for owner in &package.owners {
                if let Some(publisher) = state.publishers.get_mut(owner) {
                    Arc::make_mut(&mut Arc::make_mut(publisher).packages).insert(id.clone());
                }
            }
            state.packages.insert(id, Arc::new(package));
        }
        document.approved.into_iter().for_each(|(id, leaf)| state.approved.insert(id, leaf));
        let mut domains = BTreeMap::new();
        for (name, named, domain, leaf_index, since) in document.domains {
            let keys = named.into_iter().map(key).collect::<Option<BTreeSet<_>>>()?;
            domains.insert(name, Domain { keys, state: domain, leaf_index, since });
        }
        let mut revoked = BTreeMap::new();
        for (index, from_leaf, leaf_index) in document.revoked {
            revoked.insert(key(index)?, Revoked { from_leaf, leaf_index });
        }
        (state.domains, state.revoked) = (Arc::new(domains), Arc::new(revoked));
        state.taken_down = Arc::new(document.taken_down);
        document.recent.into_iter().for_each(|(digest, leaf, until)| state.recent.insert(digest, (leaf, until)));
        Some(state)
    }
}

fn publisher_record(keys: &mut Keys, key: &PublicKey, publisher: &Publisher) -> (Key, PublisherRecord) {
    let record = PublisherRecord {
        leaf: publisher.leaf_index,
        profile: publisher.profile,
        approved: publisher.approved,
        rotated_to: publisher.rotated_to.as_ref().map(|(to, leaf)| (keys.index(to), *leaf)),
        bytes: publisher.bytes,
    };
    (keys.index(key), record)
}

fn publisher(record: &PublisherRecord, key: &impl Fn(Key) -> Option<PublicKey>) -> Option<Publisher> {
    let rotated_to = match record.rotated_to {
        Some((to, leaf)) => Some((key(to)?, leaf)),
        None => None,
    };
    Some(Publisher {
        leaf_index: record.leaf,
        profile: record.profile,
        approved: record.approved,
        rotated_to,
        packages: Arc::default(),
        bytes: record.bytes,
    })
}

fn package_record(keys: &mut Keys, package: &Package) -> PackageRecord {
    PackageRecord {
        owners: package.owners.iter().map(|owner| keys.index(owner)).collect(),
        changed: package.changed,
        delegations: package
            .delegations
            .iter()
            .map(|one| {
                let all = [&one.owner, &one.acts_for, &one.delegate].map(|key| keys.index(key));
                (all[0], all[1], all[2], one.expires, one.leaf_index, one.ended)
            })
            .collect(),
        versions: package
            .versions()
            .map(|version| {
                (
                    version.version.clone(),
                    version.leaf_index,
                    version.time,
                    keys.index(&version.key),
                    version.content_hash,
                    version.archive_hash,
                    version.archive_size,
                    version.manifest_hash,
                    version.yanked,
                    version.taken_down.map(|(leaf_index, reason)| (leaf_index, reason, version.note)),
                )
            })
            .collect(),
    }
}

fn package(record: PackageRecord, key: &impl Fn(Key) -> Option<PublicKey>) -> Option<Package> {
    let owners = record.owners.into_iter().map(key).collect::<Option<BTreeSet<_>>>()?;
    let mut package = Package { owners, changed: record.changed, ..Package::default() };
    for (owner, acts_for, delegate, expires, leaf_index, ended) in record.delegations {
        let (owner, acts_for, delegate) = (key(owner)?, key(acts_for)?, key(delegate)?);
        package.delegations.push(DelegationState { owner, acts_for, delegate, expires, leaf_index, ended });
    }
    let mut shared: HashMap<Key, Arc<PublicKey>> = HashMap::new();
    for row in record.versions {
        let (version, leaf_index, time, index, content_hash, archive_hash, archive_size, manifest_hash, yanked, taken) =
            row;
        let found = key(index)?;
        let key = Arc::clone(shared.entry(index).or_insert_with(|| Arc::new(found)));
        package.insert(VersionState {
            version,
            leaf_index,
            time,
            key,
            content_hash,
            archive_hash,
            archive_size,
            manifest_hash,
            yanked,
            taken_down: taken.map(|(leaf_index, reason, _)| (leaf_index, reason)),
            note: taken.and_then(|(_, _, note)| note),
        });
    }
    Some(package)
}
