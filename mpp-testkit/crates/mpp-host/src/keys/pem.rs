//! Checks PEM blocks, with specific errors for keys that are often supplied by mistake.

use pkcs8::ObjectIdentifier;

use super::KeyError;

pub(super) const PRIVATE: &str = "PRIVATE KEY";
pub(super) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
pub(super) const PUBLIC: &str = "PUBLIC KEY";
/// The object identifier of Ed25519 in SPKI and PKCS#8 (RFC 8410).
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Checks that the first PEM block of `text` is labelled with one of `accepted`, and returns the label.
pub(super) fn label<'a>(text: &str, accepted: &[&'a str], expected: &'static str) -> Result<&'a str, KeyError> {
    let found = text
        .lines()
        .find_map(|line| line.trim_end().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .ok_or(KeyError::NotPem { expected })?;
    accepted.iter().find(|label| **label == found).copied().ok_or_else(|| match found {
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => KeyError::WrongType { found: "an RSA key".to_owned() },
        "EC PRIVATE KEY" | "EC PARAMETERS" => KeyError::WrongType { found: "an EC key".to_owned() },
        "DSA PRIVATE KEY" => KeyError::WrongType { found: "a DSA key".to_owned() },
        _ => KeyError::WrongLabel { expected, found: found.chars().take(40).collect() },
    })
}

/// Checks that the algorithm is Ed25519.
pub(super) fn check_algorithm(oid: ObjectIdentifier) -> Result<(), KeyError> {
    let found = match oid.to_string().as_str() {
        "1.3.101.112" => return Ok(()),
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => "an RSA key".to_owned(),
        "1.2.840.10045.2.1" => "an EC key".to_owned(),
        "1.2.840.10040.4.1" => "a DSA key".to_owned(),
        "1.3.101.110" => "an X25519 key, which encrypts and cannot sign".to_owned(),
        "1.3.101.111" => "an X448 key, which encrypts and cannot sign".to_owned(),
        "1.3.101.113" => "an Ed448 key".to_owned(),
        other => format!("a key of algorithm {other}"),
    };
    Err(KeyError::WrongType { found })
}
