//! Bundles of entries (C2SP tlog-tiles): the bytes of up to 256 leaves, each after its length.

use bytes::Bytes;

/// Returns the bytes of a bundle. Each entry has at most 65,535 bytes, as every leaf does; the length of a longer one would not fit.
#[must_use]
pub fn encode_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        bundle.extend(length.to_be_bytes());
        bundle.extend(&entry[..usize::from(length)]);
    }
    bundle
}

/// Returns the entries of a bundle, or `None` if the bytes are not one.
#[must_use]
pub fn decode_bundle(bundle: &Bytes) -> Option<Vec<Bytes>> {
    let (mut entries, mut at) = (Vec::new(), 0);
    while at < bundle.len() {
        let length = bundle.get(at..at + 2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let end = at + 2 + length;
        if end > bundle.len() {
            return None;
        }
        entries.push(bundle.slice(at + 2..end));
        at = end;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::{decode_bundle, encode_bundle};

    #[test]
    fn a_bundle_gives_back_its_entries_and_nothing_else() {
        let entries: [&[u8]; 3] = [b"a", b"", &[7; 65_535]];
        let bundle = bytes::Bytes::from(encode_bundle(entries));
        assert_eq!(decode_bundle(&bundle).unwrap_or_default(), entries);
        for cut in [1, 2, 4, bundle.len() - 1] {
            assert!(decode_bundle(&bundle.slice(..cut)).is_none_or(|read| read.len() < 3), "{cut}");
        }
        assert_eq!(decode_bundle(&bundle.slice(..4)), None);
    }
}
