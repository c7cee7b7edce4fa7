//! Compression and decompression of one entry with known sizes.

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use crate::codes;

/// The compression level. It is fixed, because another level gives other bytes for the same input.
const LEVEL: i32 = 12;
/// The number of bytes that are passed to both checksums at a time, small enough to stay in the CPU cache.
const PIECE: usize = 128 * 1024;

/// Deflates `bytes`, or returns `None` if the result would not be smaller.
pub(crate) fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = vec![0; bytes.len()];
    // Returns an error if the result does not fit.
    let size = Compressor::new(CompressionLvl::new(LEVEL).ok()?).deflate_compress(bytes, &mut packed).ok()?;
    if size >= bytes.len() {
        return None;
    }
    packed.truncate(size);
    packed.shrink_to_fit();
    Some(packed)
}

/// Inflates `stored` to exactly `unpacked` bytes, and returns them with their SHA-256 digest.
///
/// The stream must end where `stored` ends. The caller must have checked `unpacked` against the limits.
pub(crate) fn inflate(stored: &[u8], unpacked: usize, crc: u32) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    let mut inflater = Decompress::new(false);
    let mut bytes = vec![0; unpacked];
    // A single call writes straight to the target; with several calls, the inflater would need a window of its own.
    let status = inflater
        .decompress(stored, &mut bytes, FlushDecompress::Finish)
        .map_err(|_| Fault::new(&codes::G602, "the Deflate stream is damaged"))?;
    let total = |total: u64| usize::try_from(total).unwrap_or(usize::MAX);
    let (read, written) = (total(inflater.total_in()), total(inflater.total_out()));
    let message = if status != Status::StreamEnd && written == unpacked && read < stored.len() {
        format!("it unpacks to more than the {unpacked} bytes that its header states")
    } else if status != Status::StreamEnd {
        "the Deflate stream ends early".to_owned()
    } else if read != stored.len() {
        format!("{} bytes follow the Deflate stream", stored.len() - read)
    } else if written != unpacked {
        format!("it unpacks to {written} bytes, but its header says {unpacked}")
    } else {
        let digest = checksums(&bytes, crc)?;
        return Ok((bytes, digest));
    };
    Err(Fault::new(&codes::G602, message))
}

/// Copies a stored entry, and returns it with its SHA-256 digest.
pub(crate) fn copy(stored: &[u8], crc: u32) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    let digest = checksums(stored, crc)?;
    Ok((stored.to_vec(), digest))
}

/// Verifies the CRC-32 and returns the SHA-256 digest. Both process each piece while it is in the cache.
fn checksums(bytes: &[u8], crc: u32) -> Result<[u8; 32], Fault> {
    let (mut sha256, mut found) = (Sha256::new(), crc32fast::Hasher::new());
    for piece in bytes.chunks(PIECE) {
        sha256.update(piece);
        found.update(piece);
    }
    let found = found.finalize();
    if found != crc {
        return Err(Fault::new(&codes::G603, format!("its CRC-32 is {found:08x}, but its header says {crc:08x}")));
    }
    Ok(sha256.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::{deflate, inflate};

    #[test]
    fn inflates_only_what_it_deflated() {
        for size in [1_000, 128 * 1024, 128 * 1024 + 1, 3_000_000] {
            let bytes: Vec<u8> = (0_u32..size).flat_map(|n| [(n / 7) as u8, (n.wrapping_mul(n) >> 9) as u8]).collect();
            let crc = crc32fast::hash(&bytes);
            let packed = deflate(&bytes).expect("shrinks");
            assert_eq!(inflate(&packed, bytes.len(), crc).expect("inflates").0, bytes);

            let code = |packed: &[u8], size, crc| inflate(packed, size, crc).expect_err("refused").code;
            assert_eq!(code(&packed, bytes.len(), crc ^ 1), "MPP-G603");
            assert_eq!(code(&packed, bytes.len() - 1, crc), "MPP-G602");
            assert_eq!(code(&packed, bytes.len() + 1, crc), "MPP-G602");
            assert_eq!(code(&packed[..packed.len() - 1], bytes.len(), crc), "MPP-G602");
            assert_eq!(code(&[&packed[..], b"x"].concat(), bytes.len(), crc), "MPP-G602");
        }
    }

    #[test]
    fn does_not_deflate_data_that_would_not_shrink() {
        assert_eq!(deflate(b""), None);
        assert_eq!(deflate(b"abc"), None);
    }
}
