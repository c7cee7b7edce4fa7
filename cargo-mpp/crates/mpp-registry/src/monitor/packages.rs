//! The watched packages, as the leaves of the log say: a small fold of its own, independent of the registry's.

use std::collections::BTreeMap;

use mpp_host::PublicKey;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use crate::protocol::{Action, Body, Digest, Leaf, PackageId, SignedStatement, Timestamp};

/// A change to a watched package, or to a key or domain on which it depends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Index of the leaf.
    pub leaf_index: u64,
    /// Time of the leaf in milliseconds since 1970.
    pub time: u64,
    /// The type of the leaf, for example `publish`.
    pub kind: &'static str,
    /// The package, if the leaf names one.
    pub package_id: Option<PackageId>,
    /// The version, if the leaf names one.
    pub version: Option<Version>,
    /// The key that signed the statement; `None` for a record of the server.
    pub key: Option<PublicKey>,
    /// The other key, or the domain, that the leaf names.
    pub other: Option<String>,
}

/// A leaf that the registry should not have accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Index of the leaf.
    pub leaf_index: u64,
    /// The package.
    pub package_id: PackageId,
    /// The rule that the leaf breaks.
    pub reason: String,
}

/// The watched packages.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Packages(BTreeMap<PackageId, Package>);

/// A watched package.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Package {
    pub(super) owners: Vec<PublicKey>,
    pub(super) versions: Vec<Known>,
    delegates: Vec<Delegate>,
    /// Index of the last leaf that changed the index file.
    pub(super) changed: u64,
}

/// A version that the log has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) version: Version,
    pub(super) leaf_index: u64,
    pub(super) key: PublicKey,
    pub(super) content_hash: Digest,
    pub(super) archive_hash: Digest,
    pub(super) yanked: bool,
    pub(super) taken_down: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Delegate {
    key: PublicKey,
    expires: Timestamp,
}

impl Packages {
    pub(super) fn ids(&self) -> impl Iterator<Item = &PackageId> {
        self.0.keys()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PackageId, &Package)> {
        self.0.iter()
    }

    /// Applies a leaf, and adds what it means for the watched packages.
    pub(super) fn apply(
        &mut self,
        index: u64,
        leaf: &Leaf,
        patterns: &[Pattern],
        events: &mut Vec<Event>,
        findings: &mut Vec<Finding>,
    ) {
        let event = |package_id: Option<&PackageId>, version: Option<&Version>, other: Option<String>| Event {
            leaf_index: index,
            time: leaf.time,
            kind: leaf.kind(),
            package_id: package_id.cloned(),
            version: version.cloned(),
            key: leaf.statement().map(|statement| *statement.key()),
            other,
        };
        let statement = match &leaf.body {
            Body::Domain(record) => {
                if patterns.iter().any(|pattern| pattern.concerns_domain(&record.domain)) {
                    events.push(event(None, None, Some(record.domain.clone())));
                }
                return;
            }
            Body::Statement(statement) => statement,
            Body::Genesis(_) => return,
        };
        let action = &statement.statement().action;
        let is_watched = |id: &PackageId| patterns.iter().any(|pattern| pattern.matches(id));
        match action {
            Action::Rotate { to } => {
                if self.replace_owner(statement.key(), to, index) {
                    events.push(event(None, None, Some(to.to_base64())));
                }
            }
            Action::Revoke { revoked, .. } => {
                if self.0.values().any(|package| package.owners.contains(revoked)) {
                    events.push(event(None, None, Some(revoked.to_base64())));
                }
            }
            Action::Delegate { delegate, package_ids, expires } => {
                for id in package_ids.iter().filter(|id| is_watched(id)) {
                    events.push(event(Some(id), None, Some(delegate.to_base64())));
                    let package = self.0.entry(id.clone()).or_default();
                    if let Some(reason) = package.refusal(statement, leaf.time) {
                        findings.push(Finding { leaf_index: index, package_id: id.clone(), reason });
                    }
                    package.delegates.push(Delegate { key: *delegate, expires: *expires });
                    package.changed = index;
                }
            }
            _ => {
                let Some(id) = action.package_id().filter(|id| is_watched(id)) else { return };
                let (version, other) = details(action);
                events.push(event(Some(id), version, other));
                let package = self.0.entry(id.clone()).or_default();
                if let Some(reason) = package.refusal(statement, leaf.time) {
                    findings.push(Finding { leaf_index: index, package_id: id.clone(), reason });
                }
                package.apply(index, statement);
            }
        }
        // An approval alone makes no package.
        self.0.retain(|_, package| !package.versions.is_empty());
    }

    /// Replaces an owner in all packages. Returns whether there was one.
    fn replace_owner(&mut self, from: &PublicKey, to: &PublicKey, index: u64) -> bool {
        let mut found = false;
        for package in self.0.values_mut() {
            if package.owners.contains(from) {
                found = true;
                package.owners.retain(|owner| owner != to);
                package.owners.iter_mut().filter(|owner| *owner == from).for_each(|owner| *owner = *to);
                package.changed = index;
            }
        }
        found
    }
}

fn details(action: &Action) -> (Option<&Version>, Option<String>) {
    match action {
        Action::Publish { version, .. } | Action::Yank { version, .. } | Action::Unyank { version, .. } => {
            (Some(version), None)
        }
        Action::Takedown { version, reason, .. } => (Some(version), Some(reason.name().to_owned())),
        Action::AddOwner { owner, .. } | Action::RemoveOwner { owner, .. } => (None, Some(owner.to_base64())),
        Action::Transfer { to, .. } => (None, Some(to.to_base64())),
        _ => (None, None),
    }
}

impl Package {
    /// Returns why the registry should have refused a statement. What only operators may do is not judged, since the log does not
    /// name them.
    fn refusal(&self, statement: &SignedStatement, time: u64) -> Option<String> {
        let key = statement.key();
        let is_owner = self.owners.contains(key);
        match &statement.statement().action {
            Action::Publish { version, .. } => {
                let same = |known: &&Known| {
                    (known.version.major, known.version.minor, known.version.patch, &known.version.pre)
                        == (version.major, version.minor, version.patch, &version.pre)
                };
                if let Some(known) = self.versions.iter().find(same) {
                    return Some(format!("version {version} was published before, by leaf {}", known.leaf_index));
                }
                let is_delegate = || {
                    let valid = |delegate: &Delegate| delegate.key == *key && delegate.expires.as_secs() * 1000 > time;
                    self.delegates.iter().any(valid)
                };
                let may = self.versions.is_empty() || is_owner || is_delegate();
                (!may).then(|| {
                    format!("version {version} was published by a key that is neither an owner nor a delegate")
                })
            }
            Action::Yank { .. }
            | Action::Unyank { .. }
            | Action::AddOwner { .. }
            | Action::RemoveOwner { .. }
            | Action::Delegate { .. }
                if !is_owner =>
            {
                Some(format!("`{}` is signed by a key that is not an owner", statement.statement().action.name()))
            }
            _ => None,
        }
    }

    fn apply(&mut self, index: u64, statement: &SignedStatement) {
        let set = |versions: &mut Vec<Known>, version: &Version, change: fn(&mut Known)| {
            versions.iter_mut().filter(|known| known.version == *version).for_each(change);
        };
        match &statement.statement().action {
            Action::Publish { version, content_hash, archive_hash, .. } => {
                if self.versions.is_empty() && self.owners.is_empty() {
                    self.owners.push(*statement.key());
                }
                self.versions.push(Known {
                    version: version.clone(),
                    leaf_index: index,
                    key: *statement.key(),
                    content_hash: *content_hash,
                    archive_hash: *archive_hash,
                    yanked: false,
                    taken_down: false,
                });
            }
            Action::Yank { version, .. } => set(&mut self.versions, version, |known| known.yanked = true),
            Action::Unyank { version, .. } => set(&mut self.versions, version, |known| known.yanked = false),
            Action::Takedown { version, .. } => set(&mut self.versions, version, |known| known.taken_down = true),
            Action::AddOwner { owner, .. } if !self.owners.contains(owner) => self.owners.push(*owner),
            Action::RemoveOwner { owner, .. } => self.owners.retain(|other| other != owner),
            Action::Transfer { to, .. } => self.owners = vec![*to],
            _ => {}
        }
        self.changed = index;
    }
}
