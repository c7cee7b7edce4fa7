//! Inflating and deflating one entry, with the sizes known beforehand.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use sha2::{Digest, Sha256};

use super::fault::Fault;

/// Fixed: another level gives other bytes for the same input.
const LEVEL: u32 = 9;
/// How much is inflated before it is hashed, while it is still in the cache.
const PIECE: usize = 128 * 1024;

/// Deflates `bytes`; `None` where that would not make them smaller.
pub(crate) fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut deflater = Compress::new(Compression::new(LEVEL), false);
    let mut packed = vec![0; bytes.len()];
    let status = deflater.compress(bytes, &mut packed, FlushCompress::Finish).ok()?;
    let size = usize::try_from(deflater.total_out()).ok()?;
    if status != Status::StreamEnd || size >= bytes.len() {
        return None;
    }
    packed.truncate(size);
    packed.shrink_to_fit();
    Some(packed)
}

/// Inflates `stored` to exactly `unpacked` bytes, and returns them with their SHA-256.
///
/// The stream must end where `stored` ends. The caller has held `unpacked` against the limits.
pub(crate) fn inflate(stored: &[u8], unpacked: usize, crc: u32) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    let mut inflater = Decompress::new(false);
    let mut bytes = vec![0; unpacked];
    let mut digest = Checksums::new();
    let (mut read, mut written) = (0, 0);
    loop {
        let until = unpacked.min(written + PIECE);
        let status = inflater
            .decompress(&stored[read..], &mut bytes[written..until], FlushDecompress::None)
            .map_err(|_| Fault::new("MPP-G602", "the Deflate stream is damaged"))?;
        let now = usize::try_from(inflater.total_out()).unwrap_or(usize::MAX).min(until);
        let progress = now > written || usize::try_from(inflater.total_in()).is_ok_and(|total| total > read);
        digest.update(&bytes[written..now]);
        written = now;
        read = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX).min(stored.len());
        match status {
            Status::StreamEnd => break,
            _ if progress => {}
            _ if written == unpacked && read < stored.len() => {
                return Err(Fault::new(
                    "MPP-G602",
                    format!("unpacks to more than the {unpacked} bytes its header says"),
                ));
            }
            _ => return Err(Fault::new("MPP-G602", "the Deflate stream ends early")),
        }
    }
    if read != stored.len() {
        let rest = stored.len() - read;
        return Err(Fault::new("MPP-G602", format!("{rest} bytes follow the Deflate stream")));
    }
    if written != unpacked {
        return Err(Fault::new("MPP-G602", format!("unpacks to {written} bytes, its header says {unpacked}")));
    }
    Ok((bytes, digest.finish(crc)?))
}

/// Copies a stored entry, and returns it with its SHA-256.
pub(crate) fn copy(stored: &[u8], crc: u32) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    let mut bytes = Vec::with_capacity(stored.len());
    let mut digest = Checksums::new();
    for piece in stored.chunks(PIECE) {
        digest.update(piece);
        bytes.extend_from_slice(piece);
    }
    Ok((bytes, digest.finish(crc)?))
}

struct Checksums {
    sha256: Sha256,
    crc: crc32fast::Hasher,
}

impl Checksums {
    fn new() -> Self {
        Self { sha256: Sha256::new(), crc: crc32fast::Hasher::new() }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc.update(bytes);
    }

    fn finish(self, crc: u32) -> Result<[u8; 32], Fault> {
        let found = self.crc.finalize();
        if found != crc {
            let message = format!("the CRC-32 is {found:08x}, the header says {crc:08x}");
            return Err(Fault::new("MPP-G603", message));
        }
        Ok(self.sha256.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::{deflate, inflate};

    #[test]
    fn inflates_what_it_deflated_and_nothing_else() {
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
    fn leaves_alone_what_does_not_shrink() {
        assert_eq!(deflate(b""), None);
        assert_eq!(deflate(b"abc"), None);
    }
}
