//! Ids of keys of which only the key, or the digits of its id, is stored.

use mpp_host::keys::{KeyId, KeyRole, PublicKey};
use mpp_host::sandbox::kv::Stored;

use crate::Home;

/// The ids of the keys that the user knows: the user's own, and those of trusted publishers.
///
/// State and approvals are stored under a key, without its role. Its role follows from where the user knows the key from; a key
/// that the user no longer knows is named as a publisher's.
#[derive(Debug, Clone, Default)]
pub struct KeyIds(Vec<KeyId>);

impl KeyIds {
    /// Returns the id of this key.
    #[must_use]
    pub fn of(&self, key: &PublicKey) -> KeyId {
        let (publisher, development) = (key.id(KeyRole::Publisher), key.id(KeyRole::Development));
        if self.0.contains(&development) { development } else { publisher }
    }

    /// Returns the id of the key under which this state is stored.
    #[must_use]
    pub fn of_stored(&self, stored: &Stored) -> KeyId {
        let is_development = self.0.contains(&stored.key_id(KeyRole::Development));
        stored.key_id(if is_development { KeyRole::Development } else { KeyRole::Publisher })
    }
}

impl Home {
    /// The ids of the keys that the user knows. A file that cannot be read only costs the roles of its keys.
    #[must_use]
    pub fn key_ids(&self) -> KeyIds {
        let own = self.keys().own_with_ids().unwrap_or_default();
        let publishers = self.publishers().list().unwrap_or_default();
        let ids = own.into_iter().map(|(id, _)| id).chain(publishers.iter().map(|publisher| publisher.key_id()));
        KeyIds(ids.collect())
    }
}

#[cfg(test)]
mod tests {
    use mpp_host::keys::{KeyRole, SigningKey};
    use mpp_host::sandbox::kv::StateDir;

    use super::KeyIds;

    #[test]
    fn a_known_key_keeps_its_role_and_an_unknown_one_is_a_publishers() {
        let known = SigningKey::from_seed(&[1; 32], KeyRole::Development);
        let unknown = SigningKey::from_seed(&[2; 32], KeyRole::Development);
        let ids = KeyIds(vec![known.id()]);
        assert_eq!(ids.of(&known.public()), known.id());
        assert_eq!(ids.of(&unknown.public()), unknown.public().id(KeyRole::Publisher));
        let states = StateDir::new("kv");
        let of = |key: &SigningKey| ids.of_stored(&states.of("com.example.a", &key.public()));
        assert_eq!(of(&known), known.id());
        assert_eq!(of(&unknown), unknown.public().id(KeyRole::Publisher));
    }
}
