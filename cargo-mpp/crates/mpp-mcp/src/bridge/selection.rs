//! Which tools of a source are published, and under which names.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The tools of a source that are published, and new names for some of them: `tools` in `agent.toml`.
///
/// ```
/// use mpp_mcp::bridge::Selection;
///
/// let selection = Selection::default().deny(["delete"]).rename("lookup", "find_customer");
/// assert_eq!(selection.published("lookup"), Some("find_customer"));
/// assert_eq!(selection.published("delete"), None);
/// assert_eq!(selection.published("list"), Some("list"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Selection {
    /// Tools that are published; `None` for all.
    #[serde(default)]
    pub allow: Option<Vec<String>>,
    /// Tools that are not published, even if `allow` names them.
    #[serde(default)]
    pub deny: Vec<String>,
    /// New names by the tools' own names.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
}

impl Selection {
    /// Publishes only these tools.
    #[must_use]
    pub fn allow<S: Into<String>>(mut self, tools: impl IntoIterator<Item = S>) -> Self {
        self.allow = Some(tools.into_iter().map(Into::into).collect());
        self
    }

    /// Does not publish these tools.
    #[must_use]
    pub fn deny<S: Into<String>>(mut self, tools: impl IntoIterator<Item = S>) -> Self {
        self.deny.extend(tools.into_iter().map(Into::into));
        self
    }

    /// Publishes a tool under another name.
    #[must_use]
    pub fn rename(mut self, tool: impl Into<String>, name: impl Into<String>) -> Self {
        self.rename.insert(tool.into(), name.into());
        self
    }

    /// Returns the name under which `tool` is published; `None` if it is not.
    #[must_use]
    pub fn published<'a>(&'a self, tool: &'a str) -> Option<&'a str> {
        let is_named = |names: &[String]| names.iter().any(|name| name == tool);
        if is_named(&self.deny) || !self.allow.as_deref().is_none_or(is_named) {
            return None;
        }
        Some(self.rename.get(tool).map_or(tool, String::as_str))
    }

    /// Returns the tools that this selection names and that are not among `tools`, to report misspelled ones.
    #[must_use]
    pub fn unknown<'a>(&'a self, tools: &[&str]) -> Vec<&'a str> {
        let named = self.allow.iter().flatten().chain(&self.deny).chain(self.rename.keys());
        let mut unknown: Vec<&str> = named.map(String::as_str).filter(|name| !tools.contains(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_not_published_even_if_it_is_allowed() {
        let selection = Selection::default().allow(["a", "b"]).deny(["b"]);
        assert_eq!(selection.published("a"), Some("a"));
        assert_eq!(selection.published("b"), None);
        assert_eq!(selection.published("c"), None);
    }

    #[test]
    fn names_that_are_no_tools_are_reported_once() {
        let selection = Selection::default().allow(["a", "x"]).deny(["x"]).rename("y", "z");
        assert_eq!(selection.unknown(&["a", "b"]), ["x", "y"]);
    }
}
