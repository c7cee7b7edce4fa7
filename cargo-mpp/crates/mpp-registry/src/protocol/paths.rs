//! The places of a registry's files, in its store and below its URL.

use mpp_host::PublicKey;

use super::digest::Digest;
use super::package_id::PackageId;

/// The registry's description, signed by the root key.
pub const WELL_KNOWN: &str = ".well-known/mpp-registry.json";
/// The signed checkpoint of the log (C2SP tlog-checkpoint).
pub const CHECKPOINT: &str = "log/checkpoint";
/// The signed list of revoked keys and of versions that were taken down.
pub const REVOCATIONS: &str = "revocations.json";

/// The number of hashes in a full tile, and of entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Returns the place of a package's index file.
#[must_use]
pub fn index(package_id: &PackageId) -> String {
    format!("index/{package_id}.json")
}

/// Returns the place of a publisher's file. It is named by the 64 hex digits of the whole public key.
#[must_use]
pub fn publisher(key: &PublicKey) -> String {
    format!("publishers/{}.json", hex::encode(key.as_bytes()))
}

/// Returns the place of a package's bytes, by the digest of the whole archive.
#[must_use]
pub fn blob(archive_hash: &Digest) -> String {
    hashed("blobs", archive_hash)
}

/// Returns the place of a manifest.
#[must_use]
pub fn manifest(manifest_hash: &Digest) -> String {
    hashed("manifests", manifest_hash)
}

/// Returns the place of a side object: a text that can be erased, while its digest stays in the log.
#[must_use]
pub fn side(digest: &Digest) -> String {
    hashed("side", digest)
}

fn hashed(folder: &str, digest: &Digest) -> String {
    let hex = digest.to_hex();
    format!("{folder}/sha256/{}/{}/{hex}", &hex[..2], &hex[2..4])
}

/// Returns the place of a tile of hashes (C2SP tlog-tiles): tile `number` of `level`, which has `width` hashes.
///
/// ```
/// use mpp_registry::protocol::paths;
/// assert_eq!(paths::tile(1, 1_234_067, 256), "log/tile/1/x001/x234/067");
/// assert_eq!(paths::tile(0, 0, 3), "log/tile/0/000.p/3");
/// assert_eq!(paths::entries(5, 256), "log/tile/entries/005");
/// ```
#[must_use]
pub fn tile(level: u8, number: u64, width: u64) -> String {
    format!("log/tile/{level}/{}", numbered(number, width))
}

/// Returns the place of a bundle of entries (C2SP tlog-tiles): bundle `number`, which has `width` entries.
#[must_use]
pub fn entries(number: u64, width: u64) -> String {
    format!("log/tile/entries/{}", numbered(number, width))
}

fn numbered(number: u64, width: u64) -> String {
    let mut path = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH { format!("{path}.p/{width}") } else { path }
}
