//! Origins: the names of registries, which are also the names of their keys and logs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::error::ProtocolError;

const EXPECTED: &str =
    "the origin of a registry: a host name in lower case with an optional path, like `tools.example.com/log`";

/// The name of a registry, for example `tools.example.com/log`: a URL without scheme, as C2SP recommends for logs. It is an
/// identity, not an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// Parses an origin: at most 200 bytes of `a-z 0-9 . - _ : /`, beginning with a letter or a digit, without empty parts.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Name`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let is_part = |part: &str| {
            let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_:".contains(&b);
            part.bytes().all(valid) && part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        };
        match text.len() <= 200 && text.split('/').all(is_part) {
            true => Ok(Self(text.to_owned())),
            false => Err(ProtocolError::Name { expected: EXPECTED, found: text.to_owned() }),
        }
    }

    /// Returns the origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks that a document for the registry `found` is for this one.
    ///
    /// # Errors
    /// Returns [`ProtocolError::OtherRegistry`] if it is not.
    pub fn check(&self, document: &'static str, found: &Self) -> Result<(), ProtocolError> {
        if self == found {
            return Ok(());
        }
        Err(ProtocolError::OtherRegistry { document, expected: self.0.clone(), found: found.0.clone() })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn accepts_hosts_with_paths_only() {
        for good in ["tools.example.com/log", "localhost:8080", "r/2026_a"] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "/log", "a//b", "a/", "A.example", "a b", "a+b", "a\n", "../x", &"a".repeat(201)] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
