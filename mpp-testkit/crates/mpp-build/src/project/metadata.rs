//! The table `[package.metadata.mpp]` in `Cargo.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpp_host::package::manifest::{Capabilities, PrivacyFilters};
use serde_json::{Map, Value};

use super::keys::{KeyError, Table, check_manifest_tables};

/// Name of the table, as shown in errors.
pub(crate) const TABLE: &str = "package.metadata.mpp";

const KEYS: &[&str] = &[
    "package_id",
    "name",
    "publisher",
    "runtime",
    "capabilities",
    "privacy_filters",
    "assets",
    "bin",
    "features",
    "dev",
];

/// The contents of the table. Only the types of values are checked; the rest is validated with the finished manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) package_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) publisher_name: Option<String>,
    pub(crate) publisher_url: Option<String>,
    pub(crate) publisher_key_id: Option<String>,
    pub(crate) runtime: Map<String, Value>,
    pub(crate) capabilities: Option<Value>,
    pub(crate) privacy_filters: Option<Value>,
    pub(crate) assets: Option<Vec<String>>,
    pub(crate) bin: Option<String>,
    pub(crate) features: Vec<String>,
    pub(crate) dev: DevMappings,
}

/// Mappings for running and testing a project (`dev = { dirs, env }`). They are not part of the package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DevMappings {
    /// Guest path → directory or file on this machine, as an absolute path.
    pub dirs: BTreeMap<String, PathBuf>,
    /// Name of an environment variable → its value.
    pub env: BTreeMap<String, String>,
}

impl DevMappings {
    /// Creates mappings of these directories and variables.
    #[must_use]
    pub fn new(dirs: BTreeMap<String, PathBuf>, env: BTreeMap<String, String>) -> Self {
        Self { dirs, env }
    }
}

impl Metadata {
    /// Reads the table. Relative paths are resolved against the directory `project`.
    pub(crate) fn read(metadata: &Value, project: &Path) -> Result<Self, KeyError> {
        let Some(value) = metadata.get("mpp") else { return Ok(Self::default()) };
        let table = Table::new(TABLE, value, KEYS)?;
        check_manifest_tables(TABLE, value.as_object().unwrap_or(&Map::new()))?;
        table.read::<Capabilities>("capabilities", "a table like `{ env_vars = [\"NAME\"] }`")?;
        table.read::<PrivacyFilters>("privacy_filters", "a table like `{ patterns = [\"email\"] }`")?;
        let publisher_path = format!("{TABLE}.publisher");
        let empty = Value::Object(Map::new());
        let publisher =
            Table::new(&publisher_path, table.get("publisher").unwrap_or(&empty), &["name", "url", "key_id"])?;
        Ok(Self {
            package_id: table.read("package_id", "a reverse-DNS name like `\"com.example.my-tool\"`")?,
            name: table.read("name", "a name like `\"my-tool\"`")?,
            publisher_name: publisher.read("name", "a string")?,
            publisher_url: publisher.read("url", "a string")?,
            publisher_key_id: publisher.read("key_id", "a key id like `\"pub_a1b2c3d4e5f67890\"`")?,
            runtime: table.get("runtime").and_then(Value::as_object).cloned().unwrap_or_default(),
            capabilities: table.get("capabilities").cloned(),
            privacy_filters: table.get("privacy_filters").cloned(),
            assets: table.read("assets", "a list of paths and patterns like `[\"data/*.json\"]`")?,
            bin: table.read("bin", "the name of a binary")?,
            features: table.read("features", "a list of Cargo features")?.unwrap_or_default(),
            dev: read_dev(table.get("dev").unwrap_or(&empty), project)?,
        })
    }
}

fn read_dev(value: &Value, project: &Path) -> Result<DevMappings, KeyError> {
    let path = format!("{TABLE}.dev");
    let table = Table::new(&path, value, &["dirs", "env"])?;
    let dirs: BTreeMap<String, PathBuf> = table
        .read("dirs", "a table like `{ \"/data\" = \"sample\" }` (guest path = path on this machine)")?
        .unwrap_or_default();
    let env = table.read("env", "a table like `{ NAME = \"value\" }`")?.unwrap_or_default();
    Ok(DevMappings { dirs: dirs.into_iter().map(|(guest, host)| (guest, project.join(host))).collect(), env })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::Metadata;

    fn read(table: Value) -> Result<Metadata, super::KeyError> {
        Metadata::read(&json!({ "mpp": table }), Path::new("/project"))
    }

    #[test]
    fn reads_every_key() {
        let metadata = read(json!({
            "package_id": "com.example.contacts", "name": "contacts",
            "publisher": {"name": "Example", "url": "https://example.com", "key_id": "pub_a1b2c3d4e5f67890"},
            "runtime": {"memory_limit_mb": 32}, "capabilities": {"filesystem": {"read": ["/contacts"]}},
            "privacy_filters": {"patterns": ["email"]}, "assets": ["data"], "bin": "contacts", "features": ["big"],
            "dev": {"dirs": {"/contacts": "sample", "/abs": "/elsewhere"}, "env": {"A": "b"}}
        }))
        .expect("valid");
        assert_eq!(metadata.package_id.as_deref(), Some("com.example.contacts"));
        assert_eq!(metadata.publisher_key_id.as_deref(), Some("pub_a1b2c3d4e5f67890"));
        assert_eq!(metadata.dev.dirs["/contacts"], Path::new("/project/sample"));
        assert_eq!(metadata.dev.dirs["/abs"], Path::new("/elsewhere"));
        assert_eq!(metadata.features, ["big"]);
        assert_eq!(metadata.runtime["memory_limit_mb"], 32);
    }

    #[test]
    fn a_missing_table_equals_an_empty_one() {
        assert_eq!(Metadata::read(&Value::Null, Path::new("/")).expect("none"), Metadata::default());
    }

    #[test]
    fn refuses_unknown_keys_and_wrong_types() {
        for (table, expected) in [
            (json!({"capabilitys": {}}), "did you mean `capabilities`?"),
            (
                json!({"publisher": {"keyid": "x"}}),
                "unknown key `package.metadata.mpp.publisher.keyid`; did you mean `key_id`?",
            ),
            (json!({"dev": {"dir": {}}}), "unknown key `package.metadata.mpp.dev.dir`; did you mean `dirs`?"),
            (json!({"assets": "data"}), "`package.metadata.mpp.assets`: expected a list of paths"),
            (json!({"features": [1]}), "`package.metadata.mpp.features`: invalid type"),
            (json!({"capabilities": {"env_vars": "KEY"}}), "`package.metadata.mpp.capabilities`: invalid type"),
            (json!([]), "`package.metadata.mpp`: expected a table, found `[]`"),
        ] {
            let error = read(table).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
