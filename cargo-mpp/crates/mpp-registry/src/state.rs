//! The state of a registry: a deterministic fold over the leaves of its log.
//!
//! A server checks each statement against the state before it commits a leaf ([`State::check`]), and everybody who follows the log
//! applies the leaves in order ([`State::apply`]). What depends on the policy of a server, such as the keys of its operators, is
//! checked only by that server; everything else is checked again by [`State::apply`], so that a monitor notices a leaf that the
//! registry should not have accepted.
//!
//! Cloning a state is cheap: clones share their parts until one of them changes.

mod apply;
mod check;
mod derive;
mod domains;
mod error;
#[cfg(feature = "server")]
mod fold;
mod packages;
mod rules;
mod similar;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_host::keys::PublicKey;

use crate::protocol::{Digest, Genesis, Origin, PackageId, TakedownReason};
use semver::Version;

pub use apply::Effects;
pub use derive::VersionTexts;
pub use domains::Domain;
#[cfg(feature = "server")]
pub use domains::domain_of;
pub use error::StateError;
pub use packages::{DelegationState, Package, Publisher, VersionState};
pub use rules::{IdRule, Registration, Rules};

use crate::shards::Shards;

/// The state of a registry after some leaves of its log.
#[derive(Debug, Clone)]
pub struct State {
    origin: Origin,
    genesis: Option<Genesis>,
    size: u64,
    time: u64,
    versions: u64,
    publishers: Shards<PublicKey, Arc<Publisher>>,
    packages: Shards<PackageId, Arc<Package>>,
    /// Packages that an operator has approved although they resemble others.
    approved: Shards<PackageId, u64>,
    domains: Arc<BTreeMap<String, Domain>>,
    /// Index of the first void leaf of each revoked key, with the order of the revocations.
    revoked: Arc<BTreeMap<PublicKey, Revoked>>,
    taken_down: Arc<Vec<(PackageId, Version, TakedownReason)>>,
    /// Statements that are recent enough to be sent again: their leaves, and the times after which they are refused as old.
    recent: Shards<Digest, (u64, u64)>,
    /// Time of the leaf at which [`Self::recent`] was last cleaned.
    cleaned: u64,
}

/// The revocation of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Revoked {
    from_leaf: u64,
    leaf_index: u64,
}

impl State {
    /// Returns the state of a registry with an empty log.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            genesis: None,
            size: 0,
            time: 0,
            versions: 0,
            publishers: Shards::default(),
            packages: Shards::default(),
            approved: Shards::default(),
            domains: Arc::default(),
            revoked: Arc::default(),
            taken_down: Arc::default(),
            recent: Shards::default(),
            cleaned: 0,
        }
    }

    /// Returns the origin of the registry.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the registry's own record, the first leaf.
    #[must_use]
    pub fn genesis(&self) -> Option<&Genesis> {
        self.genesis.as_ref()
    }

    /// Returns the number of leaves that have been applied.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the time of the last leaf, in milliseconds since 1970.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Returns the number of packages.
    #[must_use]
    pub fn package_count(&self) -> u64 {
        self.packages.len() as u64
    }

    /// Returns the number of versions.
    #[must_use]
    pub fn version_count(&self) -> u64 {
        self.versions
    }

    /// Returns the package with this id.
    #[must_use]
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.packages.get(id).map(AsRef::as_ref)
    }

    /// Returns all packages, in no particular order.
    pub fn packages(&self) -> impl Iterator<Item = (&PackageId, &Package)> {
        self.packages.iter().map(|(id, package)| (id, package.as_ref()))
    }

    /// Returns what is known about a key, if it was registered or is the successor of one that was.
    #[must_use]
    pub fn publisher(&self, key: &PublicKey) -> Option<&Publisher> {
        self.publishers.get(key).map(AsRef::as_ref)
    }

    /// Returns all registered keys, in no particular order.
    pub fn publishers(&self) -> impl Iterator<Item = (&PublicKey, &Publisher)> {
        self.publishers.iter().map(|(key, publisher)| (key, publisher.as_ref()))
    }

    /// Returns the domains that keys have claimed.
    #[must_use]
    pub fn domains(&self) -> &BTreeMap<String, Domain> {
        &self.domains
    }

    /// Returns the index of the first leaf whose signature by `key` is void, if the key is revoked.
    #[must_use]
    pub fn revoked_from(&self, key: &PublicKey) -> Option<u64> {
        self.revoked.get(key).map(|revoked| revoked.from_leaf)
    }

    /// Returns the index of the leaf that holds this statement, if it was accepted recently enough to be sent again.
    #[must_use]
    pub fn leaf_of(&self, statement: &Digest) -> Option<u64> {
        self.recent.get(statement).map(|(index, _)| *index)
    }

    /// Returns the version that `version` names. Build metadata makes no new version.
    #[must_use]
    pub fn version(&self, id: &str, version: &Version) -> Option<&VersionState> {
        self.package(id)?.version(version)
    }

    /// Returns the key that acts for `key` now: the last of its successors by rotation.
    #[must_use]
    pub fn successor<'a>(&'a self, key: &'a PublicKey) -> &'a PublicKey {
        let mut last = key;
        // A key that was rotated cannot sign, so there are no cycles; the bound only keeps a damaged log from hanging us.
        for _ in 0..1000 {
            match self.publisher(last).and_then(|publisher| publisher.rotated_to.as_ref()) {
                Some((to, _)) => last = to,
                None => break,
            }
        }
        last
    }

    fn is_usable(&self, key: &PublicKey) -> bool {
        !self.revoked.contains_key(key) && self.publisher(key).is_none_or(|publisher| publisher.rotated_to.is_none())
    }
}
