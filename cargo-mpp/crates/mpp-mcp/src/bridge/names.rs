//! The names under which tools are published when several sources offer them.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// Longest name of a published tool, in bytes.
const LONGEST: usize = 64;

/// Digits of the hash at the end of a name that was cut.
const HASH_DIGITS: usize = 8;

/// A tool and the package or server that offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offered<'a> {
    /// Id of the package or server, for example `com.example.time`. It must be unique among the sources.
    pub source_id: &'a str,
    /// Short name of the package or server, for example `time`.
    pub source: &'a str,
    /// Name of the tool.
    pub tool: &'a str,
}

impl<'a> Offered<'a> {
    /// Creates an offer.
    #[must_use]
    pub fn new(source_id: &'a str, source: &'a str, tool: &'a str) -> Self {
        Self { source_id, source, tool }
    }
}

/// Returns the published name of each tool, in the order of `offered`.
///
/// A name that only one source offers is published as it is. A name that several offer is published as `source__tool` for each of them;
/// characters that names of tools cannot have become `_`. A name that is then longer than 64 bytes or still not unique is cut and ends in
/// a hash of the source's id and the tool, which does not depend on the other sources.
///
/// ```
/// use mpp_mcp::bridge::names::{Offered, published};
///
/// let offered = [
///     Offered::new("com.example.crm", "crm", "lookup"),
///     Offered::new("com.example.mail", "mail", "lookup"),
///     Offered::new("com.example.mail", "mail", "send"),
/// ];
/// assert_eq!(published(&offered), ["crm__lookup", "mail__lookup", "send"]);
/// ```
#[must_use]
pub fn published(offered: &[Offered<'_>]) -> Vec<String> {
    let count = |names: &[String]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in names {
            *counts.entry(name.clone()).or_default() += 1;
        }
        counts
    };
    let plain: Vec<String> = offered.iter().map(|offer| publishable(offer.tool)).collect();
    let offers = count(&plain);
    let mut names: Vec<String> = plain
        .into_iter()
        .zip(offered)
        .map(|(name, offer)| match offers[&name] {
            1 => name,
            _ => format!("{}__{name}", publishable(offer.source)),
        })
        .collect();
    let qualified = count(&names);
    for (name, offer) in names.iter_mut().zip(offered) {
        if name.len() > LONGEST || qualified[name] > 1 {
            *name = hashed(name, offer);
        }
    }
    names
}

/// Replaces the characters that a tool's name cannot have.
fn publishable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

/// Cuts `name` and appends a hash of what it names.
fn hashed(name: &str, offer: &Offered<'_>) -> String {
    let digest = Sha256::new().chain_update(offer.source_id).chain_update([0]).chain_update(offer.tool).finalize();
    let hash: String = digest.iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
    let kept = name.len().min(LONGEST - HASH_DIGITS - 1);
    // The name is ASCII by now.
    format!("{}_{hash}", &name[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(offered: &[(&str, &str, &str)]) -> Vec<String> {
        let offered: Vec<Offered<'_>> =
            offered.iter().map(|(id, source, tool)| Offered::new(id, source, tool)).collect();
        published(&offered)
    }

    #[test]
    fn a_name_that_is_offered_once_is_published_unchanged() {
        assert_eq!(names(&[("a.one", "one", "add"), ("a.two", "two", "sub")]), ["add", "sub"]);
    }

    #[test]
    fn a_name_that_is_offered_twice_is_qualified_for_both() {
        assert_eq!(names(&[("a.one", "one", "add"), ("a.two", "my tool", "add")]), ["one__add", "my_tool__add"]);
    }

    #[test]
    fn names_that_are_still_equal_end_in_a_hash_of_their_source() {
        let both = names(&[("a.one", "same", "add"), ("b.one", "same", "add")]);
        assert_ne!(both[0], both[1]);
        assert!(both.iter().all(|name| name.starts_with("same__add_")), "{both:?}");
        // The name of one source does not depend on the others.
        let other = names(&[("a.one", "same", "add"), ("c.one", "same", "add")]);
        assert_eq!(both[0], other[0]);
    }

    #[test]
    fn a_qualified_name_does_not_hide_a_tool_that_has_that_name() {
        let all = names(&[("a", "one", "add"), ("b", "two", "add"), ("c", "three", "one__add")]);
        let unique: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(unique.len(), 3, "{all:?}");
    }

    #[test]
    fn long_names_are_cut_to_the_limit_of_clients() {
        let source = "s".repeat(63);
        let all = names(&[("a", &source, "add"), ("b", "two", "add"), ("c", "three", &"t".repeat(80))]);
        assert!(all.iter().all(|name| name.len() <= LONGEST), "{all:?}");
        assert_eq!(all[1], "two__add");
    }
}
