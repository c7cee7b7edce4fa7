//! Reads DNS messages: which name was looked up, and which addresses it has (RFC 1035).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A message: the name that it asks for, and the addresses that it answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) name: String,
    pub(super) addresses: Vec<IpAddr>,
}

/// Reads a message; `None` if the bytes are not one.
pub(super) fn read(message: &[u8]) -> Option<Lookup> {
    let count = |at: usize| Some(usize::from(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?])));
    if count(4)? != 1 {
        return None;
    }
    let (name, mut at) = name(message, 12)?;
    at += 4;
    let mut addresses = Vec::new();
    for _ in 0..count(6)? {
        at = self::name(message, at)?.1;
        let (kind, length) = (count(at)?, count(at + 8)?);
        let data = message.get(at + 10..at + 10 + length)?;
        match (kind, length) {
            (1, 4) => addresses.push(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?))),
            (28, 16) => addresses.push(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?))),
            _ => {}
        }
        at += 10 + length;
    }
    Some(Lookup { name, addresses })
}

/// Reads a name, and returns where the message continues.
fn name(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut end = None;
    // Each pointer leads somewhere else; the bound ends those that do not.
    for _ in 0..128 {
        match *message.get(at)? {
            0 => return Some((labels.join("."), end.unwrap_or(at + 1))),
            length @ 1..=63 => {
                let label = message.get(at + 1..at + 1 + usize::from(length))?;
                labels.push(std::str::from_utf8(label).ok().filter(|label| label.is_ascii())?.to_ascii_lowercase());
                at += 1 + usize::from(length);
            }
            high @ 0xc0..=0xff => {
                end = end.or(Some(at + 2));
                at = usize::from(high & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn reads_questions_and_answers() {
        let question = b"R%\x01\0\0\x01\0\0\0\0\0\0\x04pypi\x03org\0\0\x01\0\x01";
        let lookup = read(question).expect("a question");
        assert_eq!((lookup.name.as_str(), lookup.addresses.len()), ("pypi.org", 0));
        let answer =
            b"R%\x81\x80\0\x01\0\x01\0\0\0\0\x04PyPI\x03org\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0<\0\x04\xcb\0qP";
        let lookup = read(answer).expect("an answer");
        assert_eq!((lookup.name.as_str(), lookup.addresses[0].to_string().as_str()), ("pypi.org", "203.0.113.80"));
    }

    #[test]
    fn other_bytes_are_not_messages() {
        let endless = b"R%\x01\0\0\x01\0\0\0\0\0\0\xc0\x0c\0\x01\0\x01";
        for bytes in [&b""[..], b"\0", b"GET / HTTP/1.1\r\n\r\n", endless] {
            assert_eq!(read(bytes), None);
        }
    }
}
