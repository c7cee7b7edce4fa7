//! `manifest.json`: identity, runtime, capabilities, tool definitions, privacy filters.
//!
//! The types mirror the JSON; [`Manifest::parse`] is the only way from bytes, and refuses duplicate keys, unknown
//! fields and values out of range.

mod capabilities;
mod error;
mod host_pattern;
mod rules;
mod shape;

use std::collections::BTreeMap;

use mpp_sdk::wire::ToolDefinition;
use serde::{Deserialize, Serialize};

#[cfg(feature = "sandbox")]
pub(crate) use capabilities::is_framing;
pub use error::ManifestError;
pub use host_pattern::HostPattern;
#[cfg(feature = "sandbox")]
pub(crate) use host_pattern::check_name as check_host_name;

use super::json::{self, JsonFault};
use crate::codes;

/// The manifest of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format, SemVer; this host knows 1.0.
    pub mpp_version: String,
    /// Reverse DNS, lower case, 2–10 labels, at most 200 bytes.
    pub package_id: String,
    /// SemVer 2.0.
    pub version: String,
    /// `[a-z0-9][a-z0-9-]{0,63}`.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Who made it.
    pub publisher: Publisher,
    /// SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// How to run it.
    pub runtime: Runtime,
    /// Everything it may touch.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Its tools, sorted by name.
    pub tool_definitions: Vec<ToolDefinition>,
    /// What is redacted from answers.
    #[serde(default)]
    pub privacy_filters: PrivacyFilters,
}

impl Manifest {
    /// Reads a manifest and checks all that it says.
    ///
    /// # Errors
    /// Duplicate keys, unknown fields (with the nearest valid name), values out of range, malformed names, tools,
    /// filters or capabilities; each with a code and a JSON pointer.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest = Self::parse_without_capabilities(bytes)?;
        manifest.check_capabilities()?;
        Ok(manifest)
    }

    /// Reads a manifest and leaves its capabilities to [`Self::check_capabilities`]: steps 6 and 7 of the Gatekeeper.
    pub(crate) fn parse_without_capabilities(bytes: &[u8]) -> Result<Self, ManifestError> {
        let document = json::parse(bytes).map_err(|fault| match fault {
            JsonFault::Syntax(message) => ManifestError::new(&codes::G601, "", format!("not JSON: {message}")),
            JsonFault::Duplicate { pointer } => {
                ManifestError::new(&codes::G609, pointer, "the key is there twice in the same object")
            }
        })?;
        rules::check_format(&document)?;
        shape::check(&document)?;
        let manifest: Self = serde_json::from_value(document)
            .map_err(|error| ManifestError::new(&codes::G612, "", error.to_string()))?;
        rules::check(&manifest)?;
        Ok(manifest)
    }

    /// Checks hosts, paths and names.
    pub(crate) fn check_capabilities(&self) -> Result<(), ManifestError> {
        capabilities::check(&self.capabilities)
    }

    /// The manifest as JSON: indented, the same bytes for the same manifest, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// The JSON Schema (2020-12) of `manifest.json`.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        shape::schema().clone()
    }
}

/// Who made a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// A name for people.
    pub name: String,
    /// A page for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The key id of the publisher's key: `pub_` or `dev_` and 16 hex digits. Filled by signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_key_id: Option<String>,
}

/// How to run a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// Which kind of module.
    #[serde(rename = "type")]
    pub kind: RuntimeKind,
    /// The archive entry with the module.
    pub entrypoint: String,
    /// Linear memory in MiB, 1–4096.
    #[serde(default = "Runtime::default_memory_limit_mb")]
    pub memory_limit_mb: u32,
    /// Wall-clock time of one call in milliseconds, 1–600000.
    #[serde(default = "Runtime::default_timeout_ms")]
    pub timeout_ms: u32,
    /// Bytes that one call may write to stdout.
    #[serde(default = "Runtime::default_max_output_bytes")]
    pub max_output_bytes: u64,
}

impl Runtime {
    fn default_memory_limit_mb() -> u32 {
        64
    }
    fn default_timeout_ms() -> u32 {
        30_000
    }
    fn default_max_output_bytes() -> u64 {
        8 * 1024 * 1024
    }
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            kind: RuntimeKind::Wasip1,
            entrypoint: "bin/main.wasm".to_owned(),
            memory_limit_mb: Self::default_memory_limit_mb(),
            timeout_ms: Self::default_timeout_ms(),
            max_output_bytes: Self::default_max_output_bytes(),
        }
    }
}

/// Which kind of module a package carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuntimeKind {
    /// A WASI preview-1 command module.
    #[serde(rename = "wasm32-wasi", alias = "wasm32-wasip1")]
    Wasip1,
    /// A WASI 0.2 command component.
    #[serde(rename = "wasm32-wasip2")]
    Wasip2,
}

/// Everything a package may touch; what is not here does not exist for the tool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Hosts that the tool may call.
    #[serde(default)]
    pub network: Vec<NetworkEntry>,
    /// Files and directories.
    #[serde(default)]
    pub filesystem: Filesystem,
    /// Environment variables, by name.
    #[serde(default)]
    pub env_vars: Vec<String>,
    /// Key-value state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<KvQuota>,
}

/// One host that the tool may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NetworkEntry {
    /// A host pattern: `api.example.com`, `*.example.com`, `host:8443`, `http://host`.
    Host(String),
    /// A host whose requests get headers that the tool never sees.
    Injected(InjectedHost),
}

impl NetworkEntry {
    /// The host pattern.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Host(host) => host,
            Self::Injected(entry) => &entry.host,
        }
    }
}

/// A host with injected headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InjectedHost {
    /// The host pattern.
    pub host: String,
    /// Header name → value with `${VARIABLE}` placeholders.
    pub inject: BTreeMap<String, String>,
}

/// Files and directories a tool may touch, by the guest's names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filesystem {
    /// May be read.
    #[serde(default)]
    pub read: Vec<String>,
    /// May be read and written.
    #[serde(default)]
    pub write: Vec<String>,
}

/// How much state a tool may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KvQuota {
    /// Keys and values together, in bytes.
    pub max_bytes: u64,
}

/// What is redacted from answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyFilters {
    /// Off only where the author says so; shown to whoever approves.
    #[serde(default = "PrivacyFilters::on")]
    pub enabled: bool,
    /// Built-in pattern names, or `*`.
    #[serde(default = "PrivacyFilters::default_patterns")]
    pub patterns: Vec<String>,
    /// The author's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_patterns: Vec<CustomPattern>,
    /// Places that the author says hold no personal data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exempt: Vec<Exemption>,
}

impl PrivacyFilters {
    fn on() -> bool {
        true
    }
    fn default_patterns() -> Vec<String> {
        ["email", "phone", "credit_card"].map(str::to_owned).to_vec()
    }
}

impl Default for PrivacyFilters {
    fn default() -> Self {
        Self { enabled: true, patterns: Self::default_patterns(), custom_patterns: Vec::new(), exempt: Vec::new() }
    }
}

/// A pattern of the author's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomPattern {
    /// `[a-z][a-z0-9_]{0,63}`; shown in `[REDACTED:id]`.
    pub id: String,
    /// Rust `regex` syntax.
    pub regex: String,
    /// What it finds, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A place in the result that is not filtered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// A JSON pointer into the result; `*` stands for any index or key.
    pub pointer: String,
    /// Why it is not personal data; shown to whoever approves.
    pub reason: String,
}
