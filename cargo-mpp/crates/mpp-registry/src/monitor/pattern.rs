//! Patterns of package ids: an id, or everything below a prefix.

use std::fmt;
use std::str::FromStr;

use super::MonitorError;
use crate::protocol::PackageId;

/// A package id, or `com.example.*` for every id below `com.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    prefix: String,
    is_open: bool,
}

impl Pattern {
    /// Returns whether the pattern matches an id. `com.example.*` matches `com.example.a` and `com.example.a.b`.
    #[must_use]
    pub fn matches(&self, id: &PackageId) -> bool {
        match id.as_str().strip_prefix(self.prefix.as_str()) {
            Some(rest) if self.is_open => rest.starts_with('.'),
            Some(rest) => rest.is_empty(),
            None => false,
        }
    }

    /// Returns whether a domain decides who owns ids that the pattern matches: `example.com` for `com.example.*`.
    pub(super) fn concerns_domain(&self, domain: &str) -> bool {
        let reversed: Vec<&str> = domain.rsplit('.').collect();
        let reversed = reversed.join(".");
        let is_below = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        is_below(&self.prefix, &reversed) || self.is_open && is_below(&reversed, &self.prefix)
    }
}

impl FromStr for Pattern {
    type Err = MonitorError;

    fn from_str(text: &str) -> Result<Self, MonitorError> {
        let (prefix, is_open) = text.strip_suffix(".*").map_or((text, false), |prefix| (prefix, true));
        // A prefix alone can have one label, an id has two.
        let id = if is_open { format!("{prefix}.x") } else { prefix.to_owned() };
        match PackageId::parse(&id) {
            Ok(_) => Ok(Self { prefix: prefix.to_owned(), is_open }),
            Err(_) => Err(MonitorError::Pattern { found: text.to_owned() }),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, if self.is_open { ".*" } else { "" })
    }
}
