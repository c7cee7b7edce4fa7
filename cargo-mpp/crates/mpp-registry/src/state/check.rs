//! Checks a statement against the state: who may do what, and to what.

use std::collections::BTreeSet;
use std::time::Duration;

use mpp_host::keys::PublicKey;
use semver::Version;

use super::error::id;
use super::similar::resembles;
use super::{IdRule, Package, Registration, Rules, State, StateError, VersionState};
use crate::protocol::{Action, Digest, DomainState, PackageId, SignedStatement, Timestamp};

/// The time that may lie between a statement and its leaf.
pub(super) const SKEW: Duration = Duration::from_secs(15 * 60);
/// The longest time that a delegation is valid.
const LONGEST_DELEGATION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl State {
    /// Checks whether a statement can become the next leaf at `time`, in milliseconds since 1970, under the rules of this server.
    ///
    /// # Errors
    /// Returns the reason for which it cannot.
    pub fn check(&self, signed: &SignedStatement, time: u64, rules: &Rules) -> Result<(), StateError> {
        self.check_statement(signed, time)?;
        self.check_rules(signed, rules)
    }

    /// Checks what holds on every server and for everybody who follows the log.
    pub(super) fn check_statement(&self, signed: &SignedStatement, time: u64) -> Result<(), StateError> {
        let statement = signed.statement();
        if statement.registry != self.origin {
            let (expected, found) = (self.origin.to_string(), statement.registry.to_string());
            return Err(StateError::OtherRegistry { expected, found });
        }
        let now = Timestamp::from_secs(time / 1000);
        if statement.time.abs_diff(now) > SKEW {
            return Err(StateError::Time { signed: statement.time, now });
        }
        if let Some(leaf_index) = self.leaf_of(&signed.digest()) {
            return Err(StateError::Repeated { leaf_index });
        }
        self.check_signer(signed.key())?;
        self.check_action(signed.key(), &statement.action, now)
    }

    fn check_signer(&self, key: &PublicKey) -> Result<(), StateError> {
        if self.revoked.contains_key(key) {
            return Err(StateError::Revoked { key: id(key) });
        }
        match self.publisher(key).and_then(|publisher| publisher.rotated_to.as_ref()) {
            Some((by, _)) => Err(StateError::Rotated { key: id(key), by: id(by) }),
            None => Ok(()),
        }
    }

    fn check_action(&self, key: &PublicKey, action: &Action, now: Timestamp) -> Result<(), StateError> {
        match action {
            Action::Register { profile } => match self.publisher(key) {
                Some(known) if known.profile == *profile => {
                    Err(StateError::NoChange { what: "the key is registered with this profile" })
                }
                _ => Ok(()),
            },
            Action::Publish { package_id, version, content_hash, .. } => {
                self.check_publish(key, package_id, (version, content_hash), now)
            }
            Action::Yank { package_id, version } => match self.owned_version(key, package_id, version)? {
                found if found.yanked => Err(StateError::NoChange { what: "the version is yanked" }),
                _ => Ok(()),
            },
            Action::Unyank { package_id, version } => match self.owned_version(key, package_id, version)? {
                found if !found.yanked => Err(StateError::NoChange { what: "the version is not yanked" }),
                _ => Ok(()),
            },
            Action::AddOwner { package_id, owner } => {
                if self.owned(key, package_id)?.owners.contains(owner) {
                    return Err(StateError::NoChange { what: "the key owns the package" });
                }
                self.check_new_owner(owner)
            }
            Action::RemoveOwner { package_id, owner } => self.check_remove_owner(key, package_id, owner),
            Action::Transfer { package_id, to } => {
                self.existing(package_id)?;
                self.check_new_owner(to)
            }
            // A second takedown replaces the reason and the explanation.
            Action::Takedown { package_id, version, reason, note } => {
                let found = self.existing_version(package_id, version)?;
                match found.taken_down {
                    Some((_, known)) if (known, found.note) == (*reason, *note) => {
                        Err(StateError::NoChange { what: "the version was taken down" })
                    }
                    _ => Ok(()),
                }
            }
            Action::EraseProfile { publisher, .. } => match self.publisher(publisher) {
                None => Err(StateError::Target { key: id(publisher), problem: "it is not registered" }),
                Some(known) if known.profile.is_none() => Err(StateError::NoChange { what: "the key has no profile" }),
                Some(_) => Ok(()),
            },
            Action::Rotate { to } => self.check_rotate(key, to),
            // A second revocation can only move the first void leaf back.
            Action::Revoke { revoked, from_leaf } => {
                let from = from_leaf.unwrap_or(self.size);
                if from > self.size {
                    return Err(StateError::Target { key: id(revoked), problem: "`from_leaf` is beyond the log" });
                }
                match self.revoked_from(revoked) {
                    Some(known) if known <= from => Err(StateError::NoChange { what: "the key is revoked" }),
                    _ => Ok(()),
                }
            }
            Action::Delegate { delegate, package_ids, expires } => {
                self.check_delegate(key, (delegate, package_ids), *expires, now)
            }
            Action::ApproveKey { approved } => match self.publisher(approved) {
                None => Err(StateError::Target { key: id(approved), problem: "it is not registered" }),
                Some(known) if known.approved => Err(StateError::NoChange { what: "the key is approved" }),
                Some(_) => Ok(()),
            },
            Action::ApprovePackage { package_id } => match self.approved.contains(package_id) {
                true => Err(StateError::NoChange { what: "the id is approved" }),
                false => Ok(()),
            },
            Action::ClaimDomain { .. } => self.check_registered(key),
        }
    }

    fn check_publish(
        &self,
        key: &PublicKey,
        package_id: &PackageId,
        (version, content_hash): (&Version, &Digest),
        now: Timestamp,
    ) -> Result<(), StateError> {
        let Some(package) = self.package(package_id.as_str()) else { return self.check_registered(key) };
        if let Some(known) = package.version(version) {
            let (package_id, leaf_index) = (package_id.clone(), known.leaf_index);
            return Err(match known.taken_down {
                Some(_) => StateError::TakenDown { package_id, version: known.version.clone() },
                None if known.content_hash == *content_hash => StateError::Repeated { leaf_index },
                None => StateError::VersionExists { package_id, version: known.version.clone(), leaf_index },
            });
        }
        match package.owner_for(key, now) {
            Some(owner) if self.is_usable(owner) => Ok(()),
            _ => Err(StateError::NotOwner { key: id(key), package_id: package_id.clone() }),
        }
    }

    fn check_remove_owner(&self, key: &PublicKey, package_id: &PackageId, owner: &PublicKey) -> Result<(), StateError> {
        let owners = &self.owned(key, package_id)?.owners;
        if !owners.contains(owner) {
            return Err(StateError::NoChange { what: "the key does not own the package" });
        }
        match owners.iter().any(|other| other != owner && self.is_usable(other)) {
            true => Ok(()),
            false => Err(StateError::LastOwner { package_id: package_id.clone(), key: id(owner) }),
        }
    }

    fn check_rotate(&self, key: &PublicKey, to: &PublicKey) -> Result<(), StateError> {
        let refuse = |problem| Err(StateError::Target { key: id(to), problem });
        self.check_registered(key)?;
        if key == to {
            return refuse("it is the key that would be replaced");
        }
        if !self.is_usable(to) {
            return refuse("it is revoked, or was replaced itself");
        }
        Ok(())
    }

    fn check_delegate(
        &self,
        key: &PublicKey,
        (delegate, package_ids): (&PublicKey, &[PackageId]),
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let refuse = |problem| Err(StateError::Delegation { problem });
        if package_ids.is_empty() || package_ids.len() > 100 {
            return refuse("expected 1 to 100 packages");
        }
        if package_ids.iter().collect::<BTreeSet<_>>().len() != package_ids.len() {
            return refuse("a package is named twice");
        }
        if expires <= now || expires > now.after(LONGEST_DELEGATION) {
            return refuse("expected an end within the next 90 days");
        }
        if !self.is_usable(delegate) {
            return Err(StateError::Target { key: id(delegate), problem: "it is revoked, or was replaced" });
        }
        for package_id in package_ids {
            if self.owned(key, package_id)?.owners.contains(delegate) {
                return Err(StateError::Target { key: id(delegate), problem: "it owns the package already" });
            }
        }
        Ok(())
    }

    /// Checks what depends on the policy of this server.
    fn check_rules(&self, signed: &SignedStatement, rules: &Rules) -> Result<(), StateError> {
        let key = signed.key();
        match &signed.statement().action {
            Action::Publish { package_id, archive_size, .. } => {
                let now = signed.statement().time;
                let package = self.package(package_id.as_str());
                let owner = package.and_then(|package| package.owner_for(key, now)).unwrap_or(key);
                self.check_approved(owner, rules)?;
                self.check_space(owner, *archive_size, rules)?;
                match package {
                    None => self.check_new_id(package_id, key, rules),
                    Some(package) => self.check_proof(package_id, &package.owners, key, rules),
                }
            }
            Action::Transfer { .. }
            | Action::Takedown { .. }
            | Action::EraseProfile { .. }
            | Action::ApproveKey { .. }
            | Action::ApprovePackage { .. } => match rules.operators.contains(key) {
                true => Ok(()),
                false => Err(StateError::NotOperator { key: id(key) }),
            },
            Action::Revoke { revoked, .. } => match rules.operators.contains(key) || self.may_revoke(key, revoked) {
                true => Ok(()),
                false => Err(StateError::RevokeScope { key: id(key), revoked: id(revoked) }),
            },
            _ => Ok(()),
        }
    }

    fn check_approved(&self, owner: &PublicKey, rules: &Rules) -> Result<(), StateError> {
        let is_approved = || self.publisher(owner).is_some_and(|publisher| publisher.approved);
        match rules.registration == Registration::Approved && !is_approved() {
            true => Err(StateError::Unapproved { key: id(owner) }),
            false => Ok(()),
        }
    }

    fn check_space(&self, owner: &PublicKey, size: u64, rules: &Rules) -> Result<(), StateError> {
        let used = self.publisher(owner).map_or(0, |publisher| publisher.bytes);
        match rules.owner_bytes > 0 && used.saturating_add(size) > rules.owner_bytes {
            true => Err(StateError::Quota { key: id(owner), used, size, limit: rules.owner_bytes }),
            false => Ok(()),
        }
    }

    fn check_new_id(&self, package_id: &PackageId, key: &PublicKey, rules: &Rules) -> Result<(), StateError> {
        self.check_proof(package_id, &BTreeSet::from([*key]), key, rules)?;
        if self.approved.contains(package_id) {
            return Ok(());
        }
        let alike = self.packages().find(|(known, package)| {
            resembles(package_id.as_str(), known.as_str()) && !package.owners.contains(key) && package.is_established()
        });
        match alike {
            Some((known, _)) => Err(StateError::Waiting { package_id: package_id.clone(), known: known.clone() }),
            None => Ok(()),
        }
    }

    fn check_proof(
        &self,
        package_id: &PackageId,
        owners: &BTreeSet<PublicKey>,
        key: &PublicKey,
        rules: &Rules,
    ) -> Result<(), StateError> {
        if rules.ids == IdRule::FirstCome {
            return Ok(());
        }
        let package_id = package_id.clone();
        match self.proof_of(package_id.as_str(), owners) {
            Some((domain, proof)) if proof.state == DomainState::Lapsed => {
                Err(StateError::ProofLapsed { package_id, domain: domain.to_owned() })
            }
            Some(_) => Ok(()),
            None => {
                let domain = super::domains::registrable(package_id.as_str());
                Err(StateError::NoDomainProof { package_id, key: id(key), domain })
            }
        }
    }

    /// Returns whether `key` may revoke the other key without being an operator: it is that key, or owns every package that the
    /// other one owns or may publish.
    fn may_revoke(&self, key: &PublicKey, revoked: &PublicKey) -> bool {
        if key == revoked {
            return true;
        }
        let touches = |package: &Package| {
            let delegates = |one: &super::DelegationState| one.delegate == *revoked && one.ended.is_none();
            package.owners.contains(revoked) || package.delegations.iter().any(delegates)
        };
        let mut touched =
            self.packages().filter(|(_, package)| touches(package)).map(|(_, package)| package).peekable();
        touched.peek().is_some() && touched.all(|package| package.owners.contains(key))
    }

    fn check_registered(&self, key: &PublicKey) -> Result<(), StateError> {
        match self.publisher(key) {
            Some(_) => Ok(()),
            None => Err(StateError::Unregistered { key: id(key) }),
        }
    }

    fn check_new_owner(&self, owner: &PublicKey) -> Result<(), StateError> {
        let refuse = |problem| Err(StateError::Target { key: id(owner), problem });
        if self.publisher(owner).is_none() {
            return refuse("it is not registered, so nobody has proved to hold it");
        }
        if !self.is_usable(owner) {
            return refuse("it is revoked, or was replaced");
        }
        Ok(())
    }

    fn existing(&self, package_id: &PackageId) -> Result<&Package, StateError> {
        self.package(package_id.as_str()).ok_or_else(|| StateError::NoPackage { package_id: package_id.clone() })
    }

    fn existing_version(&self, package_id: &PackageId, version: &Version) -> Result<&VersionState, StateError> {
        let missing = || StateError::NoVersion { package_id: package_id.clone(), version: version.clone() };
        self.existing(package_id)?.version(version).ok_or_else(missing)
    }

    fn owned(&self, key: &PublicKey, package_id: &PackageId) -> Result<&Package, StateError> {
        let package = self.existing(package_id)?;
        match package.owners.contains(key) {
            true => Ok(package),
            false => Err(StateError::NotOwner { key: id(key), package_id: package_id.clone() }),
        }
    }

    fn owned_version(
        &self,
        key: &PublicKey,
        package_id: &PackageId,
        version: &Version,
    ) -> Result<&VersionState, StateError> {
        self.owned(key, package_id)?;
        self.existing_version(package_id, version)
    }
}
