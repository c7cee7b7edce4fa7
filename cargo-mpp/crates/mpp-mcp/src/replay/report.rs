//! The report of a replay.

use serde::Serialize;
use serde_json::Value;

use super::compare::{CallComparison, DifferenceClass, PlacedDifference};
use super::definitions::DefinitionDifference;
use super::volatile::{Volatile, VolatileRule};
use crate::capture::CapturedCall;

/// The result of a replay.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ReplayReport {
    /// Whether the capture contains a list of tools, so that definitions could be compared.
    pub tools_compared: bool,
    /// Differences between the definitions.
    pub definitions: Vec<DefinitionDifference>,
    /// The calls that were replayed.
    pub calls: Vec<CallReport>,
    /// Number of calls without an answer, or with redacted arguments, which were not replayed.
    pub skipped: usize,
    /// Number of calls of each class.
    pub counts: Counts,
}

/// Number of calls of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Counts {
    /// Calls that were answered in the same way.
    pub identical: usize,
    /// Calls that differ by redactions only.
    pub redacted: usize,
    /// Calls that differ by volatile values, and perhaps redactions.
    pub volatile: usize,
    /// Calls that differ.
    pub different: usize,
    /// Calls of which one answer is an error, and the other is not.
    pub error: usize,
}

/// A call that was replayed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReplayedCall"))]
#[non_exhaustive]
pub struct CallReport {
    /// Number of the line of the capture with the request.
    pub line: usize,
    /// Name of the tool.
    pub tool: String,
    /// The arguments.
    pub arguments: Value,
    /// How the answers differ.
    #[serde(flatten)]
    pub comparison: CallComparison,
}

impl ReplayReport {
    pub(super) fn add(&mut self, call: &CapturedCall, comparison: CallComparison) {
        let count = match comparison.class {
            DifferenceClass::Identical => &mut self.counts.identical,
            DifferenceClass::Redacted => &mut self.counts.redacted,
            DifferenceClass::Volatile => &mut self.counts.volatile,
            DifferenceClass::Different => &mut self.counts.different,
            DifferenceClass::Error => &mut self.counts.error,
        };
        *count += 1;
        self.calls.push(CallReport {
            line: call.line,
            tool: call.tool.clone(),
            arguments: call.arguments.clone(),
            comparison,
        });
    }

    /// Returns whether the package does what the server did: every difference is expected, or at a place that `volatile` covers.
    #[must_use]
    pub fn is_equivalent(&self, volatile: &Volatile) -> bool {
        let is_fine = |tool: &str, place: &PlacedDifference| {
            let is_change =
                place.class == DifferenceClass::Different && place.recorded.is_some() && place.found.is_some();
            place.class < DifferenceClass::Different || is_change && volatile.covers(tool, &place.pointer)
        };
        let mut calls = self.calls.iter();
        self.definitions.iter().all(|found| found.is_expected)
            && calls.all(|call| call.comparison.differences.iter().all(|place| is_fine(&call.tool, place)))
    }

    /// Returns the places at which values differ that are neither expected nor an error, as rules that would declare them volatile.
    /// An index of a list becomes `*`.
    pub fn different_places(&self) -> impl Iterator<Item = (VolatileRule, &PlacedDifference)> {
        self.calls.iter().flat_map(|call| {
            let differ = |place: &&PlacedDifference| {
                place.class == DifferenceClass::Different
                    && place.recorded.is_some()
                    && place.found.is_some()
                    && !place.pointer.is_empty()
            };
            call.comparison
                .differences
                .iter()
                .filter(differ)
                .map(|place| (VolatileRule::new(Some(call.tool.clone()), generalised(&place.pointer)), place))
        })
    }
}

/// Replaces the indexes of a pointer by `*`, except those of content items, which have a meaning each.
fn generalised(pointer: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (kept, rest) = match pointer.strip_prefix("/content/").and_then(|rest| Some(rest.split_once('/')?.0.len() + 9))
    {
        Some(length) => pointer.split_at(length),
        None => ("", pointer),
    };
    let parts: Vec<&str> = rest.split('/').map(|part| if is_index(part) { "*" } else { part }).collect();
    format!("{kept}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::generalised;

    #[test]
    fn indexes_become_wildcards_except_those_of_content() {
        for (pointer, expected) in [
            ("/a/0/id", "/a/*/id"),
            ("/content/1/text", "/content/1/text"),
            ("/content/1/text/4/id", "/content/1/text/*/id"),
            ("/3", "/*"),
        ] {
            assert_eq!(generalised(pointer), expected);
        }
    }
}
