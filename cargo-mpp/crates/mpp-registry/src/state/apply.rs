//! Applies a leaf to the state.

use std::collections::BTreeSet;
use std::sync::Arc;

use mpp_host::keys::PublicKey;
use semver::Version;

use super::check::SKEW;
use super::{DelegationState, Domain, Package, Publisher, Revoked, State, StateError, VersionState};
use crate::protocol::{
    Action, Body, Digest, DomainRecord, DomainState, Leaf, PackageId, SignedStatement, TakedownReason,
};

/// What a leaf has changed: the derived files to write, and the objects to erase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effects {
    /// Packages whose index files change.
    pub packages: BTreeSet<PackageId>,
    /// Publishers whose files change.
    pub publishers: BTreeSet<PublicKey>,
    /// Whether the revocation list changes.
    pub revocations: bool,
    /// Archives whose bytes are to be erased.
    pub erased_blobs: Vec<Digest>,
    /// Manifests whose bytes are to be erased.
    pub erased_manifests: Vec<Digest>,
    /// Profiles that were replaced or erased. Those that no publisher has any more are to be erased.
    pub erased_profiles: Vec<Digest>,
    /// Explanations of takedowns that were replaced or erased, with the versions that were taken down.
    pub erased_notes: Vec<(PackageId, Version, Digest)>,
}

impl Effects {
    /// Adds the changes of a later leaf.
    pub fn extend(&mut self, later: Self) {
        self.packages.extend(later.packages);
        self.publishers.extend(later.publishers);
        self.revocations |= later.revocations;
        self.erased_blobs.extend(later.erased_blobs);
        self.erased_manifests.extend(later.erased_manifests);
        self.erased_profiles.extend(later.erased_profiles);
        self.erased_notes.extend(later.erased_notes);
    }
}

impl State {
    /// Applies the leaf with this index, which must be the next one, and returns what it has changed.
    ///
    /// # Errors
    /// Returns the reason for which the leaf should not be in the log. The state is unchanged then.
    pub fn apply(&mut self, index: u64, leaf: &Leaf) -> Result<Effects, StateError> {
        if index != self.size {
            return Err(StateError::Order { problem: "its index is not the next one" });
        }
        if leaf.time < self.time {
            return Err(StateError::Order { problem: "it is earlier than the leaf before it" });
        }
        if matches!(leaf.body, Body::Genesis(_)) != (index == 0) {
            return Err(StateError::Order {
                problem: "the registry's own record is the first leaf, and only the first",
            });
        }
        let mut effects = Effects::default();
        match &leaf.body {
            Body::Genesis(genesis) => {
                if genesis.registry != self.origin {
                    let (expected, found) = (self.origin.to_string(), genesis.registry.to_string());
                    return Err(StateError::OtherRegistry { expected, found });
                }
                self.genesis = Some(genesis.clone());
                effects.revocations = true;
            }
            Body::Domain(record) => self.apply_domain(index, leaf.time, record, &mut effects),
            Body::Statement(signed) => {
                self.check_statement(signed, leaf.time)?;
                self.apply_statement(index, leaf.time, signed, &mut effects);
                self.remember(index, leaf.time, signed);
            }
        }
        for package_id in &effects.packages {
            self.change_package(package_id, |package| package.changed = index);
        }
        self.size = index + 1;
        self.time = leaf.time;
        Ok(effects)
    }

    /// Returns the effects of all leaves so far.
    #[must_use]
    pub fn all_effects(&self) -> Effects {
        let mut effects = Effects { revocations: true, ..Effects::default() };
        effects.packages.extend(self.packages().map(|(id, _)| id.clone()));
        effects.publishers.extend(self.publishers().map(|(key, _)| *key));
        for (id, version, _) in self.taken_down.iter() {
            if let Some(version) = self.version(id.as_str(), version) {
                effects.erased_blobs.push(version.archive_hash);
                effects.erased_manifests.push(version.manifest_hash);
            }
        }
        effects
    }

    /// Remembers a statement for as long as its time would be accepted.
    fn remember(&mut self, index: u64, time: u64, signed: &SignedStatement) {
        let skew = u64::try_from(SKEW.as_millis()).unwrap_or(u64::MAX);
        let until = signed.statement().time.after(SKEW).as_secs().saturating_mul(1000).saturating_add(1000);
        self.recent.insert(signed.digest(), (index, until));
        // Cleaning now and then keeps every statement long enough, and the work small.
        if time.saturating_sub(self.cleaned) > skew {
            self.cleaned = time;
            self.recent.retain(|(_, until)| *until >= time);
        }
    }

    /// Takes a version down, or replaces the reason and the explanation if it was taken down before.
    fn apply_takedown(
        &mut self,
        index: u64,
        (package_id, number): (&PackageId, &Version),
        (reason, note): (TakedownReason, Option<Digest>),
        effects: &mut Effects,
    ) {
        let mut is_first = false;
        self.change_package(package_id, |package| {
            let Some(version) = package.version_mut(number) else { return };
            is_first = version.taken_down.is_none();
            let (leaf_index, _) = version.taken_down.unwrap_or((index, reason));
            version.taken_down = Some((leaf_index, reason));
            if is_first {
                effects.erased_blobs.push(version.archive_hash);
                effects.erased_manifests.push(version.manifest_hash);
            }
            if let Some(former) = version.note.filter(|former| Some(*former) != note) {
                effects.erased_notes.push((package_id.clone(), version.version.clone(), former));
            }
            version.note = note;
        });
        if is_first {
            Arc::make_mut(&mut self.taken_down).push((package_id.clone(), number.clone(), reason));
            effects.revocations = true;
        }
    }

    fn apply_domain(&mut self, index: u64, time: u64, record: &DomainRecord, effects: &mut Effects) {
        let domains = Arc::make_mut(&mut self.domains);
        let keys: BTreeSet<PublicKey> = match (record.state, domains.get(&record.domain)) {
            (DomainState::Proved, _) | (_, None) => record.keys.iter().copied().collect(),
            (_, Some(known)) => known.keys.clone(),
        };
        let domain = Domain { keys, state: record.state, leaf_index: index, since: time };
        domains.insert(record.domain.clone(), domain);
        effects.packages.extend(self.packages_below(&record.domain));
    }

    fn apply_statement(&mut self, index: u64, time: u64, signed: &SignedStatement, effects: &mut Effects) {
        let key = signed.key();
        let statement = signed.statement();
        if let Some(package_id) = statement.action.package_id() {
            effects.packages.insert(package_id.clone());
        }
        match &statement.action {
            Action::Register { profile } => {
                self.set_profile(key, index, effects, *profile);
            }
            Action::Publish { package_id, .. } => self.apply_publish(index, time, signed, package_id, effects),
            Action::Yank { package_id, version } => {
                self.change_package(package_id, |package| set_yanked(package, version, true));
            }
            Action::Unyank { package_id, version } => {
                self.change_package(package_id, |package| set_yanked(package, version, false));
            }
            Action::AddOwner { package_id, owner } => {
                let owners = |owners: &mut BTreeSet<PublicKey>| {
                    owners.insert(*owner);
                };
                self.change_owners(package_id, index, effects, owners);
            }
            Action::RemoveOwner { package_id, owner } => {
                let owners = |owners: &mut BTreeSet<PublicKey>| {
                    owners.remove(owner);
                };
                self.change_owners(package_id, index, effects, owners);
            }
            Action::Transfer { package_id, to } => {
                self.change_owners(package_id, index, effects, |owners| *owners = BTreeSet::from([*to]));
            }
            Action::Takedown { package_id, version, reason, note } => {
                self.apply_takedown(index, (package_id, version), (*reason, *note), effects);
            }
            Action::EraseProfile { publisher, .. } => {
                let Some(erased) = self.publisher(publisher).and_then(|publisher| publisher.profile) else { return };
                // A key and its successor have the same one.
                let with = self.publishers().filter(|(_, publisher)| publisher.profile == Some(erased));
                let keys: Vec<PublicKey> = with.map(|(key, _)| *key).collect();
                keys.iter().for_each(|key| self.set_profile(key, index, effects, None));
            }
            Action::Rotate { to } => self.apply_rotate(index, key, to, effects),
            Action::Revoke { revoked, from_leaf } => {
                let revocation = Revoked { from_leaf: from_leaf.unwrap_or(index), leaf_index: index };
                Arc::make_mut(&mut self.revoked).insert(*revoked, revocation);
                effects.revocations = true;
                if let Some(publisher) = self.publisher(revoked) {
                    effects.packages.extend(publisher.packages.iter().cloned());
                    effects.publishers.insert(*revoked);
                }
            }
            Action::Delegate { delegate, package_ids, expires } => {
                for package_id in package_ids {
                    effects.packages.insert(package_id.clone());
                    let (owner, delegate, expires) = (*key, *delegate, *expires);
                    let acts_for = owner;
                    let delegation =
                        DelegationState { owner, acts_for, delegate, expires, leaf_index: index, ended: None };
                    self.change_package(package_id, |package| package.delegations.push(delegation));
                }
            }
            Action::ApproveKey { approved } => {
                self.change_publisher(approved, index, effects, |publisher| publisher.approved = true);
            }
            Action::ApprovePackage { package_id } => {
                self.approved.insert(package_id.clone(), index);
                // There is no index file of a package without versions.
                effects.packages.retain(|id| self.packages.contains(id));
            }
            // The server checks the proof and records what it found as a leaf of its own.
            _ => {}
        }
    }

    fn apply_publish(
        &mut self,
        index: u64,
        time: u64,
        signed: &SignedStatement,
        package_id: &PackageId,
        effects: &mut Effects,
    ) {
        let Action::Publish { version, content_hash, archive_hash, archive_size, manifest_hash, .. } =
            &signed.statement().action
        else {
            return;
        };
        let key = signed.key();
        if !self.packages.contains(package_id) {
            let package = Package { owners: BTreeSet::from([*key]), ..Package::default() };
            self.packages.insert(package_id.clone(), Arc::new(package));
            self.change_publisher(key, index, effects, |publisher| {
                Arc::make_mut(&mut publisher.packages).insert(package_id.clone());
            });
        }
        let now = crate::protocol::Timestamp::from_secs(time / 1000);
        let owner = self.package(package_id.as_str()).and_then(|package| package.owner_for(key, now)).copied();
        if let Some(publisher) = self.publishers.get_mut(&owner.unwrap_or(*key)) {
            let publisher = Arc::make_mut(publisher);
            publisher.bytes = publisher.bytes.saturating_add(*archive_size);
        }
        let state = VersionState {
            version: version.clone(),
            leaf_index: index,
            time,
            key: self.shared_key(package_id, key),
            content_hash: *content_hash,
            archive_hash: *archive_hash,
            archive_size: *archive_size,
            manifest_hash: *manifest_hash,
            yanked: false,
            taken_down: None,
            note: None,
        };
        self.versions += 1;
        self.change_package(package_id, |package| package.insert(state));
    }

    /// Returns a key that the versions of a package share, because most of them have the same one.
    fn shared_key(&self, package_id: &PackageId, key: &PublicKey) -> Arc<PublicKey> {
        let last = self.package(package_id.as_str()).and_then(|package| package.versions().next_back());
        last.filter(|version| *version.key == *key).map_or_else(|| Arc::new(*key), |version| Arc::clone(&version.key))
    }

    /// Replaces a key by its successor in all that it owns. Its delegations continue on behalf of the successor.
    fn apply_rotate(&mut self, index: u64, key: &PublicKey, to: &PublicKey, effects: &mut Effects) {
        let old = self.publisher(key).cloned().unwrap_or_default();
        for package_id in old.packages.iter() {
            effects.packages.insert(package_id.clone());
            self.change_package(package_id, |package| {
                package.owners.remove(key);
                package.owners.insert(*to);
                let own = package.delegations.iter_mut().filter(|one| one.acts_for == *key);
                own.for_each(|delegation| delegation.acts_for = *to);
            });
        }
        self.change_publisher(key, index, effects, |publisher| {
            publisher.rotated_to = Some((*to, index));
            publisher.packages = Arc::default();
        });
        self.change_publisher(to, index, effects, |publisher| {
            Arc::make_mut(&mut publisher.packages).extend(old.packages.iter().cloned());
            publisher.bytes = publisher.bytes.saturating_add(old.bytes);
            publisher.approved |= old.approved;
            publisher.profile = publisher.profile.or(old.profile);
        });
    }

    /// Changes the owners of a package, and the lists of what they own. The delegations of removed owners end.
    fn change_owners(
        &mut self,
        package_id: &PackageId,
        index: u64,
        effects: &mut Effects,
        change: impl FnOnce(&mut BTreeSet<PublicKey>),
    ) {
        let Some(package) = self.packages.get_mut(package_id) else { return };
        let package = Arc::make_mut(package);
        let before = package.owners.clone();
        change(&mut package.owners);
        let after = package.owners.clone();
        for delegation in package.delegations.iter_mut().filter(|one| one.ended.is_none()) {
            if !after.contains(&delegation.acts_for) {
                delegation.ended = Some(index);
            }
        }
        for key in before.symmetric_difference(&after) {
            self.change_publisher(key, index, effects, |publisher| {
                let packages = Arc::make_mut(&mut publisher.packages);
                match after.contains(key) {
                    true => packages.insert(package_id.clone()),
                    false => packages.remove(package_id),
                };
            });
        }
    }

    /// Replaces the profile of a publisher. Packages are found by the name of their publisher, too.
    fn set_profile(&mut self, key: &PublicKey, index: u64, effects: &mut Effects, profile: Option<Digest>) {
        if let Some(publisher) = self.publisher(key) {
            effects.erased_profiles.extend(publisher.profile);
            effects.packages.extend(publisher.packages.iter().cloned());
        }
        self.change_publisher(key, index, effects, |publisher| publisher.profile = profile);
    }

    fn change_package(&mut self, package_id: &PackageId, change: impl FnOnce(&mut Package)) {
        if let Some(package) = self.packages.get_mut(package_id) {
            change(Arc::make_mut(package));
        }
    }

    /// Changes a publisher, who is created if the key is new.
    fn change_publisher(
        &mut self,
        key: &PublicKey,
        index: u64,
        effects: &mut Effects,
        change: impl FnOnce(&mut Publisher),
    ) {
        effects.publishers.insert(*key);
        if !self.publishers.contains(key) {
            self.publishers.insert(*key, Arc::new(Publisher { leaf_index: index, ..Publisher::default() }));
        }
        if let Some(publisher) = self.publishers.get_mut(key) {
            change(Arc::make_mut(publisher));
        }
    }
}

fn set_yanked(package: &mut Package, version: &semver::Version, yanked: bool) {
    if let Some(version) = package.version_mut(version) {
        version.yanked = yanked;
    }
}
