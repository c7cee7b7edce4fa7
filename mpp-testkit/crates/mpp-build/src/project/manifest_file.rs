//! Reads a handwritten `manifest.json`: the base of a Cargo project's manifest, or a project without cargo.

use std::fmt;
use std::path::{Path, PathBuf};

use mpp_host::text::without_byte_order_mark;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::forms::BUILD;
use super::keys::{KeyError, Syntax, check};
use super::place::Step;
use crate::error::BuildError;

/// Name of the file.
pub(crate) const FILE: &str = "manifest.json";

/// The contents of the file. `build` is separate, because it is not packed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ManifestFile {
    pub(crate) path: PathBuf,
    pub(crate) fields: Map<String, Value>,
    pub(crate) build: Option<BuildTable>,
}

/// The table `build` in `manifest.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildTable {
    pub(crate) command: Option<String>,
    pub(crate) output: Option<String>,
}

impl ManifestFile {
    /// Reads `dir/manifest.json`. Returns `None` if the file does not exist.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, BuildError> {
        let path = dir.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BuildError::Read { path, source }),
        };
        match Self::parse(&bytes) {
            Ok(file) => Ok(Some(Self { path, ..file })),
            Err(source) => Err(BuildError::Key { file: path, source }),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let Unique(value) = serde_json::from_slice(without_byte_order_mark(bytes))
            .map_err(|error| KeyError::new("", error.to_string(), "`manifest.json` is one JSON object"))?;
        let Value::Object(mut fields) = value else {
            return Err(KeyError::new(
                "",
                "expected a JSON object",
                "`manifest.json` is one JSON object, such as `{\"build\": {\"output\": \"tool.wasm\"}}`",
            ));
        };
        let build = fields.shift_remove("build").map(|value| BuildTable::read(&value)).transpose()?;
        Ok(Self { path: PathBuf::new(), fields, build })
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }
}

impl BuildTable {
    fn read(value: &Value) -> Result<Self, KeyError> {
        check(value, &BUILD, &[Step::Key("build".to_owned())], Syntax::Json)?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Self { command: text("command"), output: text("output") })
    }
}

/// A JSON value without duplicate keys.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Unique(value) = entries.next_value()?;
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format_args!("duplicate key `{key}`")));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::ManifestFile;

    fn refused(text: &str) -> String {
        ManifestFile::parse(text.as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn skips_a_byte_order_mark() {
        let file = ManifestFile::parse("\u{feff}{\"name\": \"a\"}".as_bytes()).expect("parsed");
        assert_eq!(file.text("name"), Some("a"));
    }

    #[test]
    fn separates_build_from_the_other_fields() {
        let file = ManifestFile::parse(br#"{"name": "a", "build": {"command": "make", "output": "tool.wasm"}}"#)
            .expect("valid");
        assert_eq!(file.fields.keys().collect::<Vec<_>>(), ["name"]);
        assert_eq!(file.build.expect("build").command.as_deref(), Some("make"));
    }

    #[test]
    fn refuses_duplicate_keys_and_invalid_json() {
        assert!(refused(r#"{"a": {"b": 1, "b": 2}}"#).contains("duplicate key `b`"));
        assert!(refused("[]").contains("expected a JSON object"));
        assert!(refused(r#"{"a": 1"#).contains("EOF"));
        assert_eq!(refused(r#"{"build": {"comand": "make"}}"#), "unknown key `build.comand`; did you mean `command`?");
        let error = ManifestFile::parse(br#"{"build": "make"}"#).expect_err("refused");
        assert_eq!(error.to_string(), "`build`: expected a table with `command`, `output`, found `\"make\"`");
        assert_eq!(error.line.as_deref(), Some(r#""build": {"command":"make"}"#));
    }
}
