//! Key ids: short names of keys for people to read. Decisions are made on whole keys.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// The purpose of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRole {
    /// A publisher's key; ids start with `pub_`.
    Publisher,
    /// A local development key, which registries refuse; ids start with `dev_`.
    Development,
}

impl KeyRole {
    /// Returns the prefix of key ids of this role: `pub_` or `dev_`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Publisher => "pub_",
            Self::Development => "dev_",
        }
    }
}

/// A key id: `pub_` or `dev_`, followed by the first 16 hex digits of the SHA-256 of the public key's 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    pub(super) fn of(role: KeyRole, public_key: &[u8; 32]) -> Self {
        let digest = crate::package::sha256(public_key);
        Self::of_digits(role, &crate::package::hex(&digest[..8]))
    }

    /// Returns the id with this role and these 16 hex digits.
    pub(crate) fn of_digits(role: KeyRole, digits: &str) -> Self {
        Self(format!("{}{digits}", role.prefix()))
    }

    /// Parses a key id. Returns `None` if `text` is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("pub_").or_else(|| text.strip_prefix("dev_"))?;
        let valid = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(text.to_owned()))
    }

    /// Returns the role that the prefix names.
    #[must_use]
    pub fn role(&self) -> KeyRole {
        if self.0.starts_with(KeyRole::Development.prefix()) { KeyRole::Development } else { KeyRole::Publisher }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("expected `pub_` or `dev_` followed by 16 hex digits"))
    }
}
