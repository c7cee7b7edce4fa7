//! The seal of a cache entry: a keyed hash over its name and its code.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key's file.
pub(super) const KEY_FILE: &str = "key";
const KEY_LENGTH: usize = 32;
const TAG_LENGTH: usize = 32;

/// The key of one cache directory.
pub(super) struct Key(Zeroizing<[u8; KEY_LENGTH]>);

impl Key {
    pub(super) fn generate() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        getrandom::fill(&mut *key).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self(key))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    fn mac(&self, name: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).ok()?;
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        mac.update(code);
        Some(mac)
    }
}

/// The code and its seal behind it.
pub(super) fn seal(key: &Key, name: &str, code: &[u8]) -> Vec<u8> {
    let mut sealed = code.to_vec();
    if let Some(mac) = key.mac(name, code) {
        sealed.extend_from_slice(&mac.finalize().into_bytes());
    }
    sealed
}

/// The code, where the seal is this key's for this name.
pub(super) fn open(key: &Key, name: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let split = sealed.len().checked_sub(TAG_LENGTH)?;
    let (code, tag) = sealed.split_at(split);
    key.mac(name, code)?.verify_slice(tag).ok()?;
    sealed.truncate(split);
    Some(sealed)
}
