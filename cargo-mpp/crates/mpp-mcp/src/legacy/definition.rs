//! The definition of a server's tool: what is pinned of it, and how much harm a call can do as far as it tells.

use std::fmt::Write as _;

use mpp_host::host::members;
use mpp_host::package::ContentHash;
use mpp_host::wire::SecurityLevel;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::visible::visible_in_prose;

/// Members on which a model or a client acts. A change of one of them has to be accepted.
pub(super) const PINNED: &[&str] = &["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/// Longest name of a tool, in bytes.
const LONGEST_NAME: usize = 128;

/// The definition of a tool as the server sent it.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) raw: Box<RawValue>,
    pub(super) hash: ContentHash,
    /// Whether the pinned members contain characters that are not shown.
    pub(super) has_hidden: bool,
}

/// Why a definition cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bad {
    /// Name of the tool, if it has one.
    pub(super) tool: Option<String>,
    pub(super) reason: String,
}

impl Definition {
    /// Checks a definition.
    pub(super) fn read(raw: &RawValue) -> Result<Self, Bad> {
        let bad = |tool: Option<&String>, reason: String| Bad { tool: tool.cloned(), reason };
        let members = members(raw.get()).map_err(|error| bad(None, format!("not a definition: {error}")))?;
        let get = |key: &str| {
            let found = members.iter().find(|(name, _)| name == key);
            found.map(|(_, value)| value.get()).filter(|text| *text != "null")
        };
        let name: Option<String> = get("name").and_then(|text| serde_json::from_str(text).ok());
        let Some(name) = name.filter(|name| (1..=LONGEST_NAME).contains(&name.len())) else {
            return Err(bad(None, format!("its `name` is not text of 1 to {LONGEST_NAME} bytes")));
        };
        for (key, is_needed) in [("inputSchema", true), ("outputSchema", false), ("annotations", false)] {
            let is_object = get(key).map(|text| text.trim_start().starts_with('{'));
            if !is_object.unwrap_or(!is_needed) {
                return Err(bad(Some(&name), format!("its `{key}` is not an object")));
            }
        }
        for key in ["title", "description"] {
            if get(key).is_some_and(|text| !text.starts_with('"')) {
                return Err(bad(Some(&name), format!("its `{key}` is not text")));
            }
        }
        let parsed: Value = serde_json::from_str(raw.get())
            .map_err(|error| bad(Some(&name), format!("its definition cannot be read: {error}")))?;
        let has_hidden = PINNED.iter().any(|name| has_hidden(&parsed[*name]));
        Ok(Self { hash: hash(&parsed), raw: raw.to_owned(), name, has_hidden })
    }
}

/// Returns whether a string in this value, or a key, contains characters that are not shown.
fn has_hidden(value: &Value) -> bool {
    let is_hiding = |text: &str| visible_in_prose(text) != text;
    match value {
        Value::String(text) => is_hiding(text),
        Value::Array(items) => items.iter().any(has_hidden),
        Value::Object(members) => members.iter().any(|(name, value)| is_hiding(name) || has_hidden(value)),
        _ => false,
    }
}

/// Returns the security level that a definition suggests. Its hints are claims, so they never make a tool harmless.
pub(super) fn level(raw: &RawValue) -> SecurityLevel {
    let parsed: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let hint = |name: &str| parsed["annotations"][name].as_bool() == Some(true);
    match (hint("destructiveHint"), hint("readOnlyHint")) {
        (true, _) => SecurityLevel::Critical,
        (false, true) => SecurityLevel::Medium,
        (false, false) => SecurityLevel::High,
    }
}

/// Returns the hash of the pinned members, which does not depend on the order of members.
fn hash(definition: &Value) -> ContentHash {
    let mut text = String::new();
    for name in PINNED {
        write_sorted(&Value::String((*name).to_owned()), &mut text);
        write_sorted(&definition[*name], &mut text);
    }
    let digest = Sha256::digest(text.as_bytes());
    let hex = digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into memory cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    ContentHash::parse(&format!("sha256:{hex}")).unwrap_or_else(|| unreachable!("64 hex digits"))
}

/// Appends a value with the members of its objects in the order of their names.
fn write_sorted(value: &Value, to: &mut String) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<(&String, &Value)> = object.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            to.push('{');
            for (name, value) in members {
                write_sorted(&Value::String(name.clone()), to);
                to.push(':');
                write_sorted(value, to);
                to.push(',');
            }
            to.push('}');
        }
        Value::Array(items) => {
            to.push('[');
            for item in items {
                write_sorted(item, to);
                to.push(',');
            }
            to.push(']');
        }
        scalar => to.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn read(text: &str) -> Result<Definition, Bad> {
        Definition::read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn the_hash_covers_what_a_model_acts_on_and_nothing_else() {
        let hash = |text: &str| read(text).unwrap().hash;
        let base = hash(r#"{"name":"a","description":"x","inputSchema":{"type":"object","properties":{}}}"#);
        for same in [
            r#"{"inputSchema":{"properties":{},"type":"object"},"description":"x","name":"a"}"#,
            r#"{"name":"a","description":"x","inputSchema":{"type":"object","properties":{}},"title":null,"icons":[1]}"#,
        ] {
            assert_eq!(hash(same), base, "{same}");
        }
        for other in [
            r#"{"name":"a","description":"y","inputSchema":{"type":"object","properties":{}}}"#,
            r#"{"name":"a","description":"x","inputSchema":{"type":"object","properties":{"b":{}}}}"#,
            r#"{"name":"a","description":"x","inputSchema":{"type":"object","properties":{}},"annotations":{"readOnlyHint":true}}"#,
            r#"{"name":"a","description":"x","inputSchema":{"type":"object","properties":{}},"title":"A"}"#,
        ] {
            assert_ne!(hash(other), base, "{other}");
        }
    }

    #[test]
    fn a_bad_definition_says_what_is_wrong() {
        for (text, tool, reason) in [
            ("7", None, "not a definition: invalid type: integer `7`, expected an object at line 1 column 1"),
            (r#"{"inputSchema":{}}"#, None, "its `name` is not text of 1 to 128 bytes"),
            (r#"{"name":"","inputSchema":{}}"#, None, "its `name` is not text of 1 to 128 bytes"),
            (r#"{"name":"a"}"#, Some("a"), "its `inputSchema` is not an object"),
            (r#"{"name":"a","inputSchema":{},"outputSchema":[]}"#, Some("a"), "its `outputSchema` is not an object"),
            (r#"{"name":"a","inputSchema":{},"description":7}"#, Some("a"), "its `description` is not text"),
        ] {
            let bad = Bad { tool: tool.map(str::to_owned), reason: reason.to_owned() };
            assert_eq!(read(text).map(|definition| definition.name), Err(bad), "{text}");
        }
    }

    #[test]
    fn hints_raise_or_lower_the_level() {
        let level =
            |hints: &str| level(&RawValue::from_string(format!(r#"{{"name":"a","annotations":{hints}}}"#)).unwrap());
        assert_eq!(level("{}"), SecurityLevel::High);
        assert_eq!(level(r#"{"readOnlyHint":true}"#), SecurityLevel::Medium);
        assert_eq!(level(r#"{"readOnlyHint":"true"}"#), SecurityLevel::High);
        assert_eq!(level(r#"{"readOnlyHint":true,"destructiveHint":true}"#), SecurityLevel::Critical);
    }
}
