//! A publisher that a user accepted, and for which packages.

use serde::{Deserialize, Serialize};

use crate::keys::{KeyId, KeyRole, PublicKey};

/// A publisher that a user accepted. One JSON document each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedPublisher {
    /// The whole key.
    pub key: PublicKey,
    /// What the key is for, as the package said that it was accepted with.
    #[serde(default = "TrustedPublisher::publisher", skip_serializing_if = "TrustedPublisher::is_publisher")]
    pub role: KeyRole,
    /// The name that the publisher gave, for people.
    pub name: String,
    /// Package ids, or their beginnings at label boundaries; `*` for every package. None means no package.
    pub prefixes: Vec<String>,
    /// When it was accepted, as RFC 3339 text.
    pub added: String,
}

impl TrustedPublisher {
    fn publisher() -> KeyRole {
        KeyRole::Publisher
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    fn is_publisher(role: &KeyRole) -> bool {
        *role == KeyRole::Publisher
    }

    /// The key's name for people.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key.id(self.role)
    }

    /// Whether this publisher is trusted for `package_id`.
    #[must_use]
    pub fn covers(&self, package_id: &str) -> bool {
        self.prefixes.iter().any(|prefix| matches(prefix, package_id))
    }
}

/// `com.example` matches `com.example` and `com.example.tool`, not `com.example-tool`.
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
