//! What somebody searches for, and how the words become a query of SQLite.

use std::fmt;
use std::str::FromStr;

use mpp_host::PublicKey;

/// Longest query that is used; the rest is ignored.
const MAX_CHARS: usize = 256;
/// Number of words that are used; the rest is ignored.
const MAX_WORDS: usize = 16;

/// A search. The default finds every package, the latest one first.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Query {
    /// Words that have to occur in the id, name, description, tools or publisher; the last one may be the beginning of a word.
    pub text: String,
    /// Finds only packages that declare this capability.
    pub capability: Option<CapabilityFilter>,
    /// Finds only packages whose domain is proved.
    pub verified: bool,
    /// Finds only packages that this key owns or signed.
    pub key: Option<PublicKey>,
    /// Number of the page, from 1 (0 is the first page, too).
    pub page: u32,
}

impl Query {
    /// Returns a search for these words.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Restricts the search to packages that declare a capability.
    #[must_use]
    pub fn with_capability(mut self, capability: Option<CapabilityFilter>) -> Self {
        self.capability = capability;
        self
    }

    /// Restricts the search to packages whose domain is proved.
    #[must_use]
    pub fn only_verified(mut self, verified: bool) -> Self {
        self.verified = verified;
        self
    }

    /// Restricts the search to packages that this key owns or signed.
    #[must_use]
    pub fn with_key(mut self, key: Option<PublicKey>) -> Self {
        self.key = key;
        self
    }

    /// Selects a page, from 1.
    #[must_use]
    pub fn on_page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// Returns the words as an expression of SQLite's full-text search: each one quoted, so that none of it is syntax. Returns
    /// `None` if there is no word.
    pub(super) fn expression(&self) -> Option<String> {
        let text: String = self.text.chars().take(MAX_CHARS).collect();
        let words: Vec<String> = text
            .split_whitespace()
            // The tokenizer finds nothing in a word without letters or digits, and a phrase without tokens matches nothing.
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .take(MAX_WORDS)
            .map(|word| format!("\"{}\"", word.replace('\0', "").replace('"', "\"\"")))
            .collect();
        // `"word" *` finds words that begin like this one.
        (!words.is_empty()).then(|| format!("{} *", words.join(" ")))
    }

    /// Returns the whole text, which is compared with ids and names.
    pub(super) fn exact(&self) -> String {
        self.text.trim().to_lowercase()
    }
}

/// A capability by which packages can be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CapabilityFilter {
    /// The package connects to hosts.
    Network,
    /// The package reads or writes files.
    Filesystem,
    /// The package receives environment variables.
    EnvVars,
    /// The package stores data of its own.
    Kv,
    /// The package declares no capability at all.
    None,
}

impl CapabilityFilter {
    /// Every filter, in the order in which it is offered.
    pub const ALL: [Self; 5] = [Self::Network, Self::Filesystem, Self::EnvVars, Self::Kv, Self::None];

    /// Returns the name, which is that of the manifest's member.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Filesystem => "filesystem",
            Self::EnvVars => "env_vars",
            Self::Kv => "kv",
            Self::None => "none",
        }
    }

    /// Returns the capabilities whose bits are set.
    pub(super) fn of_bits(bits: i64) -> Vec<Self> {
        Self::ALL.into_iter().filter(|filter| filter.bit() & bits != 0).collect()
    }

    /// Returns the bit that stands for the capability; 0 for none.
    pub(super) fn bit(self) -> i64 {
        match self {
            Self::Network => 1,
            Self::Filesystem => 2,
            Self::EnvVars => 4,
            Self::Kv => 8,
            Self::None => 0,
        }
    }
}

impl fmt::Display for CapabilityFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error returned when a text names no capability.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a capability: expected network, filesystem, env_vars, kv or none", .0.escape_debug())]
pub struct UnknownCapability(String);

impl FromStr for CapabilityFilter {
    type Err = UnknownCapability;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|filter| filter.name() == text).ok_or_else(|| UnknownCapability(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{CapabilityFilter, Query};

    #[test]
    fn words_are_quoted_and_syntax_is_not() {
        for (text, expression) in [
            ("crm", Some("\"crm\" *")),
            ("look up", Some("\"look\" \"up\" *")),
            ("a\" OR name:*", Some("\"a\"\"\" \"OR\" \"name:*\" *")),
            ("NEAR(a b)", Some("\"NEAR(a\" \"b)\" *")),
            ("- * \" ^", None),
            ("", None),
        ] {
            assert_eq!(Query::of(text).expression().as_deref(), expression, "{text}");
        }
    }

    #[test]
    fn a_long_query_is_cut() {
        let expression = Query::of("a ".repeat(1000)).expression().expect("words");
        assert_eq!(expression.matches("\"a\"").count(), super::MAX_WORDS);
        assert!(Query::of("x".repeat(10_000)).expression().expect("a word").len() < 300);
    }

    #[test]
    fn filters_are_read_as_they_are_written() {
        for filter in CapabilityFilter::ALL {
            assert_eq!(filter.to_string().parse(), Ok(filter));
        }
        let error = "sockets\u{1b}".parse::<CapabilityFilter>().expect_err("unknown").to_string();
        assert!(error.contains("`sockets\\u{1b}`") && error.contains("env_vars"), "{error}");
    }
}
