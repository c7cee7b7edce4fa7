//! Domains, and the package ids that belong to them.

use std::collections::BTreeSet;

use mpp_host::keys::PublicKey;

use super::{Package, State};
use crate::protocol::{DomainState, files};

/// A domain that keys have claimed, and the state of their proof.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Domain {
    /// The keys that the domain named when its proof was last seen.
    pub keys: BTreeSet<PublicKey>,
    /// The state of the proof.
    pub state: DomainState,
    /// Index of the leaf that recorded this state.
    pub leaf_index: u64,
    /// Time of that leaf in milliseconds since 1970.
    pub since: u64,
}

/// Returns the domain that a package id begins with, reversed: the registrable domain, so that everybody below a public suffix has
/// a domain of their own. Returns `None` if the id begins with a public suffix and nothing else.
///
/// ```
/// use mpp_registry::state::domain_of;
///
/// assert_eq!(domain_of("com.example.tools.clock").as_deref(), Some("example.com"));
/// assert_eq!(domain_of("uk.co.example.clock").as_deref(), Some("example.co.uk"));
/// assert_eq!(domain_of("uk.co").as_deref(), None);
/// ```
#[must_use]
#[cfg(feature = "server")]
pub fn domain_of(package_id: &str) -> Option<String> {
    psl::domain_str(&reversed(package_id)).map(str::to_owned)
}

/// Returns the labels of an id in the order of a host name.
fn reversed(package_id: &str) -> String {
    package_id.rsplit('.').collect::<Vec<_>>().join(".")
}

/// Returns whether a package id is at or below a domain.
fn is_below(package_id: &str, domain: &str) -> bool {
    let host = reversed(package_id);
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl State {
    /// Returns the claimed domains that a package id is below, the longest first.
    pub fn domains_of(&self, package_id: &str) -> Vec<(&str, &Domain)> {
        let mut found: Vec<(&str, &Domain)> = Vec::new();
        let host = reversed(package_id);
        let mut rest = host.as_str();
        loop {
            if let Some((domain, state)) = self.domains.get_key_value(rest) {
                found.push((domain, state));
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => return found,
            }
        }
    }

    /// Returns the proof that one of these keys, or a key that it has replaced, controls a domain of the package id.
    pub(super) fn proof_of(&self, package_id: &str, keys: &BTreeSet<PublicKey>) -> Option<(&str, &Domain)> {
        let names_one = |domain: &Domain| domain.keys.iter().any(|key| keys.contains(self.successor(key)));
        self.domains_of(package_id).into_iter().find(|(_, domain)| names_one(domain))
    }

    /// Returns the proof of a package's domain in the form that index files show.
    pub(super) fn shown_proof(&self, package_id: &str, package: &Package) -> Option<files::DomainProof> {
        let (domain, proof) = self.proof_of(package_id, &package.owners)?;
        Some(files::DomainProof::new(domain.to_owned(), proof.state, proof.leaf_index))
    }

    /// Returns the ids of the packages below a domain.
    pub(super) fn packages_below(&self, domain: &str) -> Vec<crate::protocol::PackageId> {
        self.packages.iter().filter(|(id, _)| is_below(id.as_str(), domain)).map(|(id, _)| id.clone()).collect()
    }
}

/// Returns the registrable domain of a package id for messages, where the public suffix list is linked.
pub(super) fn registrable(package_id: &str) -> Option<String> {
    #[cfg(feature = "server")]
    return domain_of(package_id);
    #[cfg(not(feature = "server"))]
    {
        let _ = package_id;
        None
    }
}
