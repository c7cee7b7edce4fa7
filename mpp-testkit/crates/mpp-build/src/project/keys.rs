//! Reads tables written by hand, and reports unknown keys together with the most similar valid one.

use mpp_sdk::wire::did_you_mean;
use serde_json::{Map, Value};

/// An error in a table: an unknown key, or a value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct KeyError {
    /// Full path of the key, for example `package.metadata.mpp.capabilities.network`.
    pub key: String,
    /// Description of the error.
    pub message: String,
    /// Description of the valid keys or values.
    pub help: String,
}

impl KeyError {
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), help: help.into() }
    }
}

/// A table in `[package.metadata.mpp]` or in `manifest.json`, together with its path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    path: &'a str,
    map: &'a Map<String, Value>,
}

impl<'a> Table<'a> {
    /// Reads `value`, which must be a table without keys other than `known`.
    pub(crate) fn new(path: &'a str, value: &'a Value, known: &[&str]) -> Result<Self, KeyError> {
        let map = value.as_object().ok_or_else(|| wrong_type(path, "a table", value))?;
        for key in map.keys() {
            if !known.contains(&key.as_str()) {
                let message = format!("unknown key `{path}.{key}`{}", did_you_mean(key, known.iter().copied()));
                let words: Vec<_> = known.iter().map(|k| format!("`{k}`")).collect();
                return Err(KeyError::new(
                    format!("{path}.{key}"),
                    message,
                    format!("the keys of `{path}` are {}", words.join(", ")),
                ));
            }
        }
        Ok(Self { path, map })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// Reads the value of `key`, or returns `None` if the key is absent.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        expected: &str,
    ) -> Result<Option<T>, KeyError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let path = format!("{}.{key}", self.path);
        match T::deserialize(value) {
            Ok(read) => Ok(Some(read)),
            Err(error) if value.is_object() || value.is_array() => {
                Err(KeyError::new(&path, format!("`{path}`: {error}"), format!("`{path}` is {expected}")))
            }
            Err(_) => Err(wrong_type(&path, expected, value)),
        }
    }
}

fn wrong_type(path: &str, expected: &str, found: &Value) -> KeyError {
    let shown: String = found.to_string().chars().take(60).collect();
    KeyError::new(path, format!("`{path}`: expected {expected}, found `{shown}`"), format!("write {expected}"))
}

/// Checks the nested tables that also exist in the manifest for unknown keys, before their values are read.
pub(crate) fn check_manifest_tables(path: &str, table: &Map<String, Value>) -> Result<(), KeyError> {
    for (key, known, nested) in NESTED {
        let Some(value) = table.get(*key) else { continue };
        let here = format!("{path}.{key}");
        Table::new(&here, value, known)?;
        for (inner, known) in *nested {
            let Some(value) = value.get(inner) else { continue };
            let here = format!("{here}.{inner}");
            match value.as_array() {
                Some(items) => {
                    for item in items.iter().filter(|item| item.is_object()) {
                        Table::new(&here, item, known)?;
                    }
                }
                None => drop(Table::new(&here, value, known)?),
            }
        }
    }
    Ok(())
}

type Nested = (&'static str, &'static [&'static str], &'static [(&'static str, &'static [&'static str])]);

const NESTED: &[Nested] = &[
    ("runtime", &["type", "memory_limit_mb", "timeout_ms", "max_output_bytes"], &[]),
    (
        "capabilities",
        &["network", "filesystem", "env_vars", "kv"],
        &[("network", &["host", "inject"]), ("filesystem", &["read", "write"]), ("kv", &["max_bytes"])],
    ),
    (
        "privacy_filters",
        &["enabled", "patterns", "custom_patterns", "exempt"],
        &[("custom_patterns", &["id", "regex", "description"]), ("exempt", &["pointer", "reason"])],
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Table, check_manifest_tables};

    fn refused(table: &serde_json::Value) -> String {
        check_manifest_tables("package.metadata.mpp", table.as_object().expect("table"))
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn reports_the_unknown_key_and_the_most_similar_valid_one() {
        let value = json!({"capabilites": {}});
        let error = Table::new("package.metadata.mpp", &value, &["capabilities", "assets"]).expect_err("misspelled");
        assert_eq!(error.to_string(), "unknown key `package.metadata.mpp.capabilites`; did you mean `capabilities`?");
        assert_eq!(error.key, "package.metadata.mpp.capabilites");
        assert!(error.help.contains("`assets`"), "{}", error.help);
    }

    #[test]
    fn checks_nested_tables_and_lists() {
        assert_eq!(
            refused(&json!({"capabilities": {"filesystem": {"reed": ["/data"]}}})),
            "unknown key `package.metadata.mpp.capabilities.filesystem.reed`; did you mean `read`?"
        );
        assert_eq!(
            refused(&json!({"privacy_filters": {"custom_patterns": [{"id": "a", "regexp": "x"}]}})),
            "unknown key `package.metadata.mpp.privacy_filters.custom_patterns.regexp`; did you mean `regex`?"
        );
        assert!(refused(&json!({"runtime": "fast"})).contains("expected a table, found `\"fast\"`"));
        let network = json!(["a.example", {"host": "b.example", "inject": {"x-any-header": "${KEY}"}}]);
        let fine = json!({"capabilities": {"kv": {"max_bytes": 1}, "network": network}});
        check_manifest_tables("p", fine.as_object().expect("table")).expect("fine");
        assert_eq!(
            refused(&json!({"capabilities": {"network": [{"host": "b.example", "injects": {}}]}})),
            "unknown key `package.metadata.mpp.capabilities.network.injects`; did you mean `inject`?"
        );
    }
}
