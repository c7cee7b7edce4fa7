//! The key of a log, and the keyed hashes of lines, heads and arguments made with it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::package::unhex;

/// Length of the key in its file, in bytes.
pub(super) const KEY_LENGTH: usize = 32;

/// The seal of a line or a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tag(pub(super) [u8; 32]);

impl Tag {
    /// Appends the tag as 64 lower-case hex digits.
    pub(super) fn write_hex(self, to: &mut Vec<u8>) {
        let start = to.len();
        to.resize(start + 64, 0);
        // Fails only for a buffer of another length.
        let _ = hex::encode_to_slice(self.0, &mut to[start..]);
    }

    /// Parses the output of [`Tag::write_hex`].
    pub(super) fn from_hex(digits: &[u8]) -> Option<Self> {
        unhex(std::str::from_utf8(digits).ok()?).map(Self)
    }
}

/// The prepared keyed hashes, one for each purpose, with keys derived from the log's key.
#[derive(Clone)]
pub(super) struct Seal {
    lines: Hmac<Sha256>,
    heads: Hmac<Sha256>,
    arguments: Hmac<Sha256>,
}

impl Seal {
    /// Derives the keys from the log's key; `None` if `key` does not have the length of a key.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        if key.len() != KEY_LENGTH {
            return None;
        }
        let of = |purpose: &str| {
            let mut derived = Hmac::<Sha256>::new_from_slice(key).ok()?;
            derived.update(purpose.as_bytes());
            let derived = Zeroizing::new(<[u8; 32]>::from(derived.finalize().into_bytes()));
            Hmac::<Sha256>::new_from_slice(&*derived).ok()
        };
        Some(Self {
            lines: of("mpp audit line 1")?,
            heads: of("mpp audit head 1")?,
            arguments: of("mpp audit arguments 1")?,
        })
    }

    /// Generates a random key.
    pub(super) fn generate() -> std::io::Result<Zeroizing<[u8; KEY_LENGTH]>> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        crate::random::fill(&mut *key)?;
        Ok(key)
    }

    pub(super) fn line(&self, text: &[u8]) -> Tag {
        tag(&self.lines, text)
    }

    pub(super) fn head(&self, text: &[u8]) -> Tag {
        tag(&self.heads, text)
    }

    pub(super) fn arguments(&self, text: &str) -> Tag {
        tag(&self.arguments, text.as_bytes())
    }

    /// Returns whether `tag` is the seal of this line, in constant time.
    pub(super) fn is_line(&self, text: &[u8], tag: &Tag) -> bool {
        let mut mac = self.lines.clone();
        mac.update(text);
        mac.verify_slice(&tag.0).is_ok()
    }

    /// Returns whether `tag` is the seal of this head, in constant time.
    pub(super) fn is_head(&self, text: &[u8], tag: &Tag) -> bool {
        let mut mac = self.heads.clone();
        mac.update(text);
        mac.verify_slice(&tag.0).is_ok()
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

fn tag(key: &Hmac<Sha256>, text: &[u8]) -> Tag {
    let mut mac = key.clone();
    mac.update(text);
    Tag(mac.finalize().into_bytes().into())
}
