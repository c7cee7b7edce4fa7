//! The seal of a cache entry: a keyed hash of its name and its code, appended to the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Name of the file that contains the key.
pub(super) const KEY_FILE: &str = "key";
const KEY_LENGTH: usize = 32;
const TAG_LENGTH: usize = 32;

/// The key of one cache directory.
pub(super) struct Key(Zeroizing<[u8; KEY_LENGTH]>);

impl Key {
    pub(super) fn generate() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        crate::random::fill(&mut *key)?;
        Ok(Self(key))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Starts the hash with the name; the caller adds the code.
    fn mac(&self, name: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).ok()?;
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        Some(mac)
    }
}

/// Returns the code, followed by its seal.
pub(super) fn seal(key: &Key, name: &str, code: &[u8]) -> Vec<u8> {
    let mut sealed = code.to_vec();
    if let Some(mut mac) = key.mac(name) {
        mac.update(code);
        sealed.extend_from_slice(&mac.finalize().into_bytes());
    }
    sealed
}

/// Returns whether the file's seal is valid for this key and name. Reads the file once, in chunks.
pub(super) fn check(key: &Key, name: &str, file: &File, size: u64) -> io::Result<bool> {
    let (Some(mut mac), Some(end)) = (key.mac(name), size.checked_sub(TAG_LENGTH as u64)) else { return Ok(false) };
    let mut buffer = [0; 32 * 1024];
    let mut at = 0;
    while at < end {
        let piece = buffer.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
        file.read_exact_at(&mut buffer[..piece], at)?;
        mac.update(&buffer[..piece]);
        at += piece as u64;
    }
    let mut tag = [0; TAG_LENGTH];
    file.read_exact_at(&mut tag, end)?;
    Ok(mac.verify_slice(&tag).is_ok())
}
