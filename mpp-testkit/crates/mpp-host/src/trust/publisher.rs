//! A publisher that the user trusts, and the packages that the trust covers.

use serde::{Deserialize, Serialize};

use crate::keys::{KeyId, KeyRole, PublicKey};

/// A publisher that the user trusts, stored as one JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrustedPublisher {
    /// The publisher's key.
    pub key: PublicKey,
    /// Role of the key, as stated by the package with which the publisher was accepted.
    #[serde(default = "TrustedPublisher::publisher", skip_serializing_if = "TrustedPublisher::is_publisher")]
    pub role: KeyRole,
    /// Display name that the publisher gave.
    pub name: String,
    /// Package ids, or prefixes of them that end at a label; `*` covers every package. An empty list covers none.
    pub prefixes: Vec<String>,
    /// Time at which the publisher was accepted, as RFC 3339 text.
    pub added: String,
}

impl TrustedPublisher {
    /// Creates a publisher whose key is a publisher key. `added` is the current time as RFC 3339 text.
    pub fn new(
        key: PublicKey,
        name: impl Into<String>,
        prefixes: impl IntoIterator<Item = impl Into<String>>,
        added: impl Into<String>,
    ) -> Self {
        Self {
            key,
            role: KeyRole::Publisher,
            name: name.into(),
            prefixes: prefixes.into_iter().map(Into::into).collect(),
            added: added.into(),
        }
    }

    fn publisher() -> KeyRole {
        KeyRole::Publisher
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    fn is_publisher(role: &KeyRole) -> bool {
        *role == KeyRole::Publisher
    }

    /// Returns the id of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key.id(self.role)
    }

    /// Returns whether this publisher is trusted for `package_id`.
    #[must_use]
    pub fn covers(&self, package_id: &str) -> bool {
        self.prefixes.iter().any(|prefix| matches(prefix, package_id))
    }
}

/// Returns whether `prefix` covers `package_id`: `com.example` matches `com.example` and `com.example.tool`, but not
/// `com.example-tool`.
fn matches(prefix: &str, package_id: &str) -> bool {
    let prefix = prefix.strip_suffix(".*").unwrap_or(prefix);
    match package_id.strip_prefix(prefix) {
        _ if prefix == "*" => true,
        Some(rest) => !prefix.is_empty() && (rest.is_empty() || rest.starts_with('.')),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn prefixes_end_at_labels() {
        for prefix in ["com.example", "com.example.*", "com.example.tool", "*", "com"] {
            assert!(matches(prefix, "com.example.tool"), "{prefix}");
        }
        for prefix in ["", ".", "com.exam", "com.example.tool.x", "example", "com.example.", ".*", "COM.example"] {
            assert!(!matches(prefix, "com.example.tool"), "{prefix}");
        }
        assert!(!matches("com.example", "com.example-tool.x"));
    }
}
