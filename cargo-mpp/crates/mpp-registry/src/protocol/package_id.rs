//! Package ids in the form that paths and statements can rely on.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::error::ProtocolError;

/// A package id in reverse DNS notation, for example `com.example.my-tool`. It is safe as a file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PackageId(String);

impl PackageId {
    /// Parses an id: 2 to 10 labels of `a-z 0-9 -` joined by dots, at most 200 bytes; no label begins or ends with `-`.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Name`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let is_label = |label: &str| {
            let valid = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            valid && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        let labels = text.split('.').count();
        match text.len() <= 200 && (2..=10).contains(&labels) && text.split('.').all(is_label) {
            true => Ok(Self(text.to_owned())),
            false => Err(ProtocolError::Name {
                expected: "a package id: 2 to 10 labels of `a-z 0-9 -` joined by dots, like `com.example.my-tool`",
                found: text.to_owned(),
            }),
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for PackageId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for PackageId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PackageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::PackageId;

    #[test]
    fn refuses_paths_and_other_forms() {
        assert!(PackageId::parse("com.example.my-tool").is_ok());
        for bad in
            ["", "com", "com.", ".com", "com..x", "com.-x", "com.x-", "Com.x", "com.x/../y", "../com.x", "com.x\0"]
        {
            assert!(PackageId::parse(bad).is_err(), "{bad}");
        }
        assert!(PackageId::parse(&format!("com.{}", "a".repeat(197))).is_err());
    }
}
