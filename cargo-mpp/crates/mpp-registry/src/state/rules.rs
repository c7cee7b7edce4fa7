//! The part of a server's policy that the state checks statements against.

use std::collections::BTreeSet;

use mpp_host::keys::PublicKey;
use serde::Deserialize;

/// The rules of a server.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Rules {
    /// Who may publish after registering.
    pub registration: Registration,
    /// How new package ids are given away.
    pub ids: IdRule,
    /// Keys that may transfer, take down, approve and revoke.
    pub operators: BTreeSet<PublicKey>,
    /// Sum of the sizes in bytes of the versions that one key may publish; 0 removes the limit.
    pub owner_bytes: u64,
}

/// Who may publish after registering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Registration {
    /// Every registered key.
    #[default]
    Open,
    /// Registered keys that an operator has approved.
    Approved,
}

/// How new package ids are given away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IdRule {
    /// An id belongs to whoever publishes it first.
    #[default]
    FirstCome,
    /// An id belongs to the keys that the domain at its beginning names.
    DomainProof,
}
