//! Results of `mpp caps`.

use mpp_host::gatekeeper::Imports;
use mpp_host::package::manifest::Capabilities;
use schemars::JsonSchema;
use serde::Serialize;

use crate::usage::{Recorded, Row, Verdict};

use super::shapes;

/// The capabilities of a package: declared, importable and used.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Caps {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Imports of the module.
    pub(crate) imports: Imports,
    /// The capabilities that recorded runs of all versions signed by the same key used.
    pub(crate) recorded: Recorded,
    /// What the manifest declares.
    #[schemars(schema_with = "shapes::capabilities")]
    pub(crate) capabilities: Capabilities,
    /// The verdict on each capability that is declared or was used.
    pub(crate) verdicts: Vec<Judged>,
    /// The same, in words.
    #[serde(skip)]
    pub(crate) rows: Vec<Row>,
}

/// One capability, and whether it is declared and used.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Judged {
    /// `network`, `filesystem.read`, `filesystem.write`, `env_vars` or `kv`.
    pub(crate) kind: &'static str,
    /// The host, path or variable; absent for `kv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Whether the manifest declares it.
    pub(crate) declared: bool,
    /// Whether the module imports what it needs to use it.
    pub(crate) importable: bool,
    /// The verdict.
    pub(crate) verdict: Verdict,
}

impl Judged {
    /// Returns the data of a row.
    pub(crate) fn of(row: &Row) -> Self {
        Self {
            kind: row.kind,
            name: (row.kind != "kv").then(|| row.what.clone()),
            declared: row.declared,
            importable: row.importable,
            verdict: row.verdict,
        }
    }
}

/// The smallest sufficient declaration.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Suggestion {
    /// What the manifest should declare.
    #[schemars(schema_with = "shapes::capabilities")]
    pub(crate) capabilities: serde_json::Value,
}
