//! SHA-256 digests of archives, manifests, side objects and trees.

use std::fmt;

use mpp_host::package::ContentHash;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::error::ProtocolError;

/// A SHA-256 digest. It is displayed and serialised as `sha256:` followed by 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Creates a digest from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the 64 hex digits without the prefix, which are safe as a file name.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Parses `sha256:` followed by 64 lower-case hex digits.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Name`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        text.strip_prefix("sha256:").and_then(Self::from_hex).ok_or_else(|| ProtocolError::Name {
            expected: "a hash: `sha256:` followed by 64 lower-case hex digits",
            found: text.to_owned(),
        })
    }

    /// Parses 64 lower-case hex digits. Returns `None` for any other text, so that a digest has only one form.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let has_upper_case = text.bytes().any(|byte| byte.is_ascii_uppercase());
        (!has_upper_case && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(Self(bytes))
    }
}

impl From<ContentHash> for Digest {
    fn from(hash: ContentHash) -> Self {
        Self(*hash.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn reads_only_what_it_writes() {
        let digest = Digest::of(b"abc");
        let text = digest.to_string();
        assert_eq!(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::parse(&text).ok(), Some(digest));
        for bad in ["", "sha256:", &text[7..], &text.to_uppercase(), &format!("{text}0"), &text[..70]] {
            assert!(Digest::parse(bad).is_err(), "{bad}");
        }
    }
}
