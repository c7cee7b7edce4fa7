//! The head: the sealed position of the end of the log, in one line of fixed length.

use super::seal::{Seal, Tag};

/// The first bytes of the file.
const MAGIC: &[u8] = b"mpp-audit-head 1 ";
/// Length of the file: `MAGIC`, two numbers of 20 digits, two tags in hex, three spaces and a line break.
pub(super) const LENGTH: usize = MAGIC.len() + 20 + 1 + 20 + 1 + 64 + 1 + 64 + 1;

/// The position of the last complete line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// Number of the line; 0 if there is none yet.
    pub(super) number: u64,
    /// Offset of the line's end in the file, in bytes.
    pub(super) bytes: u64,
    /// Seal of the line.
    pub(super) last: Tag,
}

impl Head {
    /// Appends the file's content to `to`.
    pub(super) fn write(&self, seal: &Seal, to: &mut Vec<u8>) {
        to.extend_from_slice(MAGIC);
        for number in [self.number, self.bytes] {
            padded(to, number);
            to.push(b' ');
        }
        self.last.write_hex(to);
        let tag = seal.head(to);
        to.push(b' ');
        tag.write_hex(to);
        to.push(b'\n');
    }

    /// Parses the file's content. Returns the reason as text if the content is not a head sealed with this key.
    pub(super) fn read(bytes: &[u8], seal: &Seal) -> Result<Self, &'static str> {
        const SHAPE: &str = "its `head` is malformed";
        if bytes.len() != LENGTH || !bytes.starts_with(MAGIC) {
            return Err(SHAPE);
        }
        let sealed = LENGTH - 1 - 64 - 1;
        if bytes[sealed] != b' ' || bytes[LENGTH - 1] != b'\n' {
            return Err(SHAPE);
        }
        let tag = Tag::from_hex(&bytes[sealed + 1..LENGTH - 1]).ok_or(SHAPE)?;
        if !seal.is_head(&bytes[..sealed], &tag) {
            return Err("its `head` was modified");
        }
        let rest = &bytes[MAGIC.len()..sealed];
        let number = |at: usize| std::str::from_utf8(rest.get(at..at + 20)?).ok()?.parse().ok();
        let last = rest.get(42..).and_then(Tag::from_hex);
        match (number(0), number(21), last) {
            (Some(number), Some(bytes), Some(last)) => Ok(Self { number, bytes, last }),
            _ => Err(SHAPE),
        }
    }
}

fn padded(to: &mut Vec<u8>, number: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    to.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::{Head, LENGTH};
    use crate::audit::seal::{Seal, Tag};

    #[test]
    fn reads_only_what_was_written() {
        let seal = Seal::new(&[7; 32]).expect("a key");
        let head = Head { number: u64::MAX, bytes: 12_345, last: Tag([9; 32]) };
        let mut bytes = Vec::new();
        head.write(&seal, &mut bytes);
        assert_eq!(bytes.len(), LENGTH);
        assert_eq!(Head::read(&bytes, &seal), Ok(head));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Head::read(&changed, &seal).is_err(), "byte {at}");
        }
        assert!(Head::read(&bytes[..LENGTH - 1], &seal).is_err());
        assert!(Head::read(&bytes, &Seal::new(&[8; 32]).expect("a key")).is_err());
    }
}
