//! Finds and checks PEM blocks, with specific errors for keys that are often supplied by mistake.

use pkcs8::ObjectIdentifier;
use zeroize::Zeroizing;

use super::KeyError;

pub(super) const PRIVATE: &str = "PRIVATE KEY";
pub(super) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
pub(super) const PUBLIC: &str = "PUBLIC KEY";
/// The length of a line (RFC 7468).
const WIDTH: usize = 64;
/// The object identifier of Ed25519 in SPKI and PKCS#8 (RFC 8410).
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A PEM block, in the form that strict parsers accept.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) text: Zeroizing<String>,
}

/// Finds the first block of `text` that is labelled with one of `accepted`.
///
/// As in OpenSSL, there may be text around the block, a byte order mark, and lines of any length.
pub(super) fn block<'a>(text: &str, accepted: &[&'a str], expected: &'static str) -> Result<Block<'a>, KeyError> {
    let text = text.trim_start_matches('\u{feff}');
    let begins = |line: &str| {
        let found = line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----")?.to_owned();
        Some((accepted.iter().find(|label| **label == found).copied(), found))
    };
    let mut lines = text.lines();
    let mut first = None;
    let label = loop {
        let Some(line) = lines.next() else {
            return Err(first.map_or(KeyError::NotPem { expected }, |found: String| other_label(&found, expected)));
        };
        match begins(line) {
            Some((Some(label), _)) => break label,
            Some((None, found)) => drop(first.get_or_insert(found)),
            None => {}
        }
    };
    let end = format!("-----END {label}-----");
    let mut body = Zeroizing::new(String::with_capacity(text.len()));
    loop {
        let Some(line) = lines.next().map(str::trim) else {
            return Err(KeyError::Malformed { label: expected, source: format!("the line `{end}` is missing").into() });
        };
        if line == end {
            break;
        }
        // A header (RFC 1421), as in the encrypted keys of old programs.
        if line.starts_with("Proc-Type:") && line.contains("ENCRYPTED") {
            return Err(KeyError::UnsupportedEncryption { source: "expected PKCS#8, found headers".into() });
        }
        body.extend(line.split_whitespace());
    }
    let mut text = Zeroizing::new(String::with_capacity(body.len() * 2 + 128));
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.floor_char_boundary(WIDTH));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&end);
    text.push('\n');
    Ok(Block { label, text })
}

fn other_label(found: &str, expected: &'static str) -> KeyError {
    match found {
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => KeyError::WrongType { found: "an RSA key".to_owned() },
        "EC PRIVATE KEY" | "EC PARAMETERS" => KeyError::WrongType { found: "an EC key".to_owned() },
        "DSA PRIVATE KEY" => KeyError::WrongType { found: "a DSA key".to_owned() },
        _ => KeyError::WrongLabel { expected, found: found.chars().take(40).collect() },
    }
}

/// Checks that the algorithm is Ed25519.
pub(super) fn check_algorithm(oid: ObjectIdentifier) -> Result<(), KeyError> {
    let found = match oid.to_string().as_str() {
        "1.3.101.112" => return Ok(()),
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => "an RSA key".to_owned(),
        "1.2.840.10045.2.1" => "an EC key".to_owned(),
        "1.2.840.10040.4.1" => "a DSA key".to_owned(),
        "1.3.101.110" => "an X25519 key, which cannot sign".to_owned(),
        "1.3.101.111" => "an X448 key, which cannot sign".to_owned(),
        "1.3.101.113" => "an Ed448 key".to_owned(),
        other => format!("a key of the algorithm {other}"),
    };
    Err(KeyError::WrongType { found })
}
