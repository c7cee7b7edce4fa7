//! Values that differ in every call: declared by their pointers, or recognised.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use regex::Regex;
use serde_json::Value;

use super::ReplayError;

/// The declared volatile values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volatile(Vec<VolatileRule>);

/// A declared volatile value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct VolatileRule {
    /// The tool; `None` for every tool.
    pub tool: Option<String>,
    /// JSON pointer, in which `*` matches any member or index. It also covers what is below it.
    pub pointer: String,
}

impl VolatileRule {
    /// A rule for one tool, or for every tool.
    #[must_use]
    pub fn new(tool: Option<String>, pointer: impl Into<String>) -> Self {
        Self { tool, pointer: pointer.into() }
    }
}

impl std::fmt::Display for VolatileRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.tool {
            Some(tool) => write!(f, "{tool} {}", self.pointer),
            None => f.write_str(&self.pointer),
        }
    }
}

impl Volatile {
    /// Adds a pointer for every tool.
    ///
    /// # Errors
    /// Returns [`ReplayError::Volatile`] if it is not a JSON pointer.
    pub fn add(&mut self, pointer: &str) -> Result<(), ReplayError> {
        self.push(VolatileRule::new(None, checked(pointer, pointer)?));
        Ok(())
    }

    /// Adds a rule, unless it is there already.
    pub fn push(&mut self, rule: VolatileRule) {
        if !self.0.contains(&rule) {
            self.0.push(rule);
        }
    }

    /// Adds the rules of a file: a pointer a line, optionally after the name of a tool and a space. Lines that begin with `#` are comments.
    ///
    /// ```
    /// use mpp_mcp::replay::Volatile;
    ///
    /// let mut volatile = Volatile::default();
    /// volatile.add_file("# ids\n/items/*/id\nnow /time\n")?;
    /// assert!(volatile.covers("find", "/items/3/id") && volatile.covers("now", "/time/hour"));
    /// assert!(!volatile.covers("find", "/time"));
    /// # Ok::<(), mpp_mcp::replay::ReplayError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`ReplayError::Volatile`] for the first line that is not a rule.
    pub fn add_file(&mut self, text: &str) -> Result<(), ReplayError> {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let rule = match line.split_once(' ').filter(|(tool, _)| !tool.starts_with('/')) {
                Some((tool, pointer)) => VolatileRule::new(Some(tool.to_owned()), checked(pointer.trim(), line)?),
                None => VolatileRule::new(None, checked(line, line)?),
            };
            self.push(rule);
        }
        Ok(())
    }

    /// Returns whether a rule covers this place in the answer of a tool.
    #[must_use]
    pub fn covers(&self, tool: &str, pointer: &str) -> bool {
        self.0.iter().any(|rule| rule.tool.as_ref().is_none_or(|name| name == tool) && is_at(&rule.pointer, pointer))
    }
}

fn checked(pointer: &str, given: &str) -> Result<String, ReplayError> {
    match pointer.starts_with('/') {
        true => Ok(pointer.to_owned()),
        false => Err(ReplayError::Volatile { given: given.to_owned(), reason: "a pointer begins with `/`" }),
    }
}

fn is_at(pattern: &str, at: &str) -> bool {
    let mut parts = at.split('/');
    pattern.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
}

/// How far a number may be from the time of its call to be taken for a time.
const NEAR: Duration = Duration::from_secs(24 * 60 * 60);

/// RFC 3339 times and UUIDs.
static TIMES_AND_IDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b\d{4}-\d{2}-\d{2}[Tt\x20]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?
        | \b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
    )
    .ok()
});

/// Returns whether two different values are the same apart from times and UUIDs. `recorded_at` and `found_at` are the times of the
/// two calls.
pub(super) fn is_recognised(
    recorded: &Value,
    found: &Value,
    recorded_at: Option<SystemTime>,
    found_at: Option<SystemTime>,
) -> bool {
    match (recorded, found) {
        (Value::String(recorded), Value::String(found)) => match TIMES_AND_IDS.as_ref() {
            Some(pattern) => pattern.is_match(recorded) && shapes(pattern, recorded) == shapes(pattern, found),
            None => false,
        },
        (Value::Number(recorded), Value::Number(found)) => {
            let near = |number: Option<f64>, at: Option<SystemTime>| match (number, at) {
                (Some(number), Some(at)) => unit_near(number, at),
                _ => None,
            };
            let unit = near(recorded.as_f64(), recorded_at);
            unit.is_some() && unit == near(found.as_f64(), found_at)
        }
        _ => false,
    }
}

/// Replaces each time and each UUID by a mark.
fn shapes(pattern: &Regex, text: &str) -> String {
    let mark = |found: &regex::Captures<'_>| if found[0].as_bytes()[4] == b'-' { "<time>" } else { "<uuid>" };
    pattern.replace_all(text, mark).into_owned()
}

/// Returns the unit in which a number is a time near `at`: as many to the second.
fn unit_near(number: f64, at: SystemTime) -> Option<u32> {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs_f64();
    [1_u32, 1_000, 1_000_000, 1_000_000_000]
        .into_iter()
        .find(|unit| (number / f64::from(*unit) - seconds).abs() <= NEAR.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Volatile, is_recognised};
    use mpp_host::clock::parse_rfc3339;
    use serde_json::json;

    #[test]
    fn recognises_times_uuids_and_epochs() {
        let (then, now) = (parse_rfc3339("2026-01-01T00:00:00Z"), parse_rfc3339("2026-03-01T00:00:00Z"));
        for (recorded, found, expected) in [
            (json!("2026-01-01T00:00:00Z"), json!("2026-03-01T09:30:00+01:00"), true),
            (json!("at 2026-01-01 00:00:00, ok"), json!("at 2026-03-01 00:00:01, ok"), true),
            (json!("at 2026-01-01 00:00:00, ok"), json!("at 2026-03-01 00:00:01, failed"), false),
            (json!("2026-01-01T00:00:00Z"), json!("soon"), false),
            (json!("4b7c2f5e-0000-4000-8000-00000000000a"), json!("4b7c2f5e-0000-4000-8000-00000000000b"), true),
            (json!("4b7c2f5e-0000-4000-8000-00000000000a"), json!("2026-03-01T00:00:00Z"), false),
            (json!(1_767_225_601), json!(1_772_323_201), true),
            (json!(1_767_225_601_000_i64), json!(1_772_323_201_000_i64), true),
            (json!(1_767_225_601), json!(1_772_323_201_000_i64), false),
            (json!(1), json!(2), false),
            (json!("a"), json!("b"), false),
        ] {
            assert_eq!(is_recognised(&recorded, &found, then, now), expected, "{recorded} {found}");
        }
    }

    #[test]
    fn refuses_rules_that_are_not_pointers() {
        let mut volatile = Volatile::default();
        assert!(volatile.add("items/0").is_err() && volatile.add_file("now time").is_err());
        assert_eq!(volatile, Volatile::default());
    }
}
