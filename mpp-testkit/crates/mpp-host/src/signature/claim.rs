//! The claims of an envelope whose signature has not been verified.

use std::collections::BTreeMap;

use super::dsse::{Decoded, Envelope, IN_TOTO};
use super::outcome::{Change, EntryChange};
use super::statement::{ClaimFault, Statement};
use crate::causes::with_causes;
use crate::package::archive::Listing;
use crate::package::{hex, sha256};

/// A decoded envelope and its statement. Nothing in it has been verified.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) envelope: Decoded,
    pub(crate) statement: Statement,
}

impl Claim {
    /// Parses the bytes of `signature.json`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ClaimFault> {
        let envelope = Envelope::parse(bytes).and_then(|envelope| envelope.decode(IN_TOTO));
        let envelope = envelope.map_err(|error| ClaimFault::Malformed(with_causes(&error)))?;
        let statement = Statement::parse(&envelope.payload)?;
        Ok(Self { envelope, statement })
    }

    /// Returns the entries whose stored bytes differ from the claims of the envelope.
    pub(crate) fn changes(&self, listing: &Listing, bytes: &[u8]) -> Vec<EntryChange> {
        let claimed: BTreeMap<&str, (u64, &str)> = self
            .statement
            .predicate
            .entries
            .iter()
            .map(|entry| (entry.name.as_str(), (entry.stored_size, entry.sha256.as_str())))
            .collect();
        let mut changes = Vec::new();
        let mut found = Vec::new();
        for entry in listing.signed(bytes) {
            let name = String::from_utf8_lossy(entry.name(bytes)).into_owned();
            let data = entry.data(bytes);
            match claimed.get(name.as_str()) {
                None => changes.push(EntryChange { entry: name.clone(), change: Change::Added }),
                Some((size, digest)) => {
                    if *size != data.len() as u64 || hex(sha256(data)) != *digest {
                        changes.push(EntryChange { entry: name.clone(), change: Change::Changed });
                    }
                }
            }
            found.push(name);
        }
        let gone = claimed.keys().filter(|name| !found.iter().any(|found| found == *name));
        changes.extend(gone.map(|name| EntryChange { entry: (*name).to_owned(), change: Change::Removed }));
        changes
    }
}
