//! The types of `manifest.json`: identity, runtime, capabilities, tool definitions and privacy filters.
//!
//! The types mirror the JSON. Use [`Manifest::parse`] to read a manifest from bytes: it refuses duplicate keys, unknown
//! fields and values that are out of range.

mod capabilities;
#[cfg(feature = "sandbox")]
pub(crate) mod cargo_toml;
mod error;
mod host_pattern;
mod rules;
mod shape;

use std::collections::BTreeMap;

use mpp_sdk::wire::ToolDefinition;
use serde::{Deserialize, Serialize};

pub(crate) use capabilities::check_path;
#[cfg(feature = "sandbox")]
pub(crate) use capabilities::is_framing;
pub use error::ManifestError;
#[cfg(feature = "sandbox")]
pub(crate) use host_pattern::check_name as check_host_name;
pub use host_pattern::{HostPattern, HostPatternError};
pub(crate) use rules::check_package_id;

use super::json::{self, JsonFault};
use crate::codes;

/// The manifest of a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    /// Version of the package format as SemVer. This host supports 1.0.
    pub mpp_version: String,
    /// Id of the package, in reverse DNS notation: lower case, 2–10 labels, at most 200 bytes.
    pub package_id: String,
    /// Version of the package, as SemVer 2.0.
    pub version: String,
    /// Name of the package, which matches `[a-z0-9][a-z0-9-]{0,63}`.
    pub name: String,
    /// Description of the package in one sentence.
    pub description: String,
    /// Publisher of the package.
    pub publisher: Publisher,
    /// License of the package, as an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Runtime settings.
    pub runtime: Runtime,
    /// Capabilities that the package declares.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Tool definitions, sorted by name.
    pub tool_definitions: Vec<ToolDefinition>,
    /// Settings of the filters that redact personal data from results.
    #[serde(default)]
    pub privacy_filters: PrivacyFilters,
}

impl Manifest {
    /// Parses and validates a manifest.
    ///
    /// # Errors
    /// Returns [`ManifestError`] if there are duplicate keys, unknown fields, values out of range, or malformed names,
    /// tools, filters or capabilities. The error has a code and a JSON pointer; the message for an unknown field
    /// suggests the nearest valid name.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest = Self::parse_without_capabilities(bytes)?;
        manifest.check_capabilities()?;
        Ok(manifest)
    }

    /// Parses and validates a manifest except for its capabilities, which [`Self::check_capabilities`] checks.
    ///
    /// The Gatekeeper does the former in step 6 and the latter in step 7.
    pub(crate) fn parse_without_capabilities(bytes: &[u8]) -> Result<Self, ManifestError> {
        let document = json::parse(bytes).map_err(|fault| match fault {
            JsonFault::Syntax(error) => ManifestError::new(&codes::G601, "", "not JSON").caused_by(error),
            JsonFault::Duplicate { pointer } => {
                ManifestError::new(&codes::G609, pointer, "the key occurs twice in the same object")
            }
        })?;
        rules::check_format(&document)?;
        shape::check(&document)?;
        let manifest: Self = serde_json::from_value(document)
            .map_err(|error| ManifestError::new(&codes::G612, "", "a value has the wrong form").caused_by(error))?;
        rules::check(&manifest)?;
        Ok(manifest)
    }

    /// Checks the declared hosts, paths and variable names.
    pub(crate) fn check_capabilities(&self) -> Result<(), ManifestError> {
        capabilities::check(&self.capabilities)
    }

    /// Returns the manifest as indented JSON with a final newline. The same manifest always gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Returns the JSON Schema (2020-12) of `manifest.json`.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        shape::schema().clone()
    }
}

/// The publisher of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Publisher {
    /// Human-readable name of the publisher.
    pub name: String,
    /// Address of the publisher's web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Key id of the publisher: `pub_` or `dev_` followed by 16 hex digits. Signing sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_key_id: Option<String>,
}

/// The runtime settings of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Runtime {
    /// Kind of the module.
    #[serde(rename = "type")]
    pub kind: RuntimeKind,
    /// Name of the archive entry that contains the module.
    pub entrypoint: String,
    /// Limit of the linear memory in MiB, 1–4096.
    #[serde(default = "Runtime::default_memory_limit_mb")]
    pub memory_limit_mb: u32,
    /// Limit of the wall-clock time of one call in milliseconds, 1–600000.
    #[serde(default = "Runtime::default_timeout_ms")]
    pub timeout_ms: u32,
    /// Maximum number of bytes that one call may write to stdout.
    #[serde(default = "Runtime::default_max_output_bytes")]
    pub max_output_bytes: u64,
}

impl Runtime {
    /// The highest [`timeout_ms`](Self::timeout_ms).
    pub const MAX_TIMEOUT_MS: u32 = 600_000;
    /// The highest [`memory_limit_mb`](Self::memory_limit_mb).
    pub const MAX_MEMORY_LIMIT_MB: u32 = 4096;
    /// The highest [`max_output_bytes`](Self::max_output_bytes).
    pub const MAX_OUTPUT_BYTES: u64 = 256 * 1024 * 1024;

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

/// The kind of module that a package contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RuntimeKind {
    /// A WASI preview-1 command module.
    #[serde(rename = "wasm32-wasi", alias = "wasm32-wasip1")]
    Wasip1,
    /// A WASI 0.2 command component.
    #[serde(rename = "wasm32-wasip2")]
    Wasip2,
}

/// The capabilities that a package declares. Its tools have no other access.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Capabilities {
    /// Hosts that the tools may call.
    #[serde(default)]
    pub network: Vec<NetworkEntry>,
    /// Files and directories that the tools may access.
    #[serde(default)]
    pub filesystem: Filesystem,
    /// Names of the environment variables that the tools may use.
    #[serde(default)]
    pub env_vars: Vec<String>,
    /// Quota of the key-value state; `None` if the package uses none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<KvQuota>,
}

/// A host that the tools may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum NetworkEntry {
    /// A host pattern: `api.example.com`, `*.example.com`, `host:8443`, `http://host`.
    Host(String),
    /// A host to whose requests the host program adds headers that the tool does not see.
    Injected(InjectedHost),
}

impl NetworkEntry {
    /// Returns the host pattern.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Host(host) => host,
            Self::Injected(entry) => &entry.host,
        }
    }
}

/// A host pattern with injected headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct InjectedHost {
    /// Host pattern.
    pub host: String,
    /// Map from header names to values with `${VARIABLE}` placeholders.
    pub inject: BTreeMap<String, String>,
}

/// The files and directories that the tools may access, by their paths in the sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Filesystem {
    /// Paths that may be read.
    #[serde(default)]
    pub read: Vec<String>,
    /// Paths that may be read and written.
    #[serde(default)]
    pub write: Vec<String>,
}

/// The quota of the key-value state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KvQuota {
    /// Maximum total size of all keys and values in bytes.
    pub max_bytes: u64,
}

/// The settings of the filters that redact personal data from results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PrivacyFilters {
    /// Whether the filters are enabled, which is the default. Approval of the package shows if they are not.
    #[serde(default = "PrivacyFilters::on")]
    pub enabled: bool,
    /// Names of built-in patterns, or `*` for all of them.
    #[serde(default = "PrivacyFilters::default_patterns")]
    pub patterns: Vec<String>,
    /// Patterns that the author defines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_patterns: Vec<CustomPattern>,
    /// Places in the result that hold no personal data according to the author.
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

/// A pattern that the author defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CustomPattern {
    /// Id of the pattern, which matches `[a-z][a-z0-9_]{0,63}` and appears in `[REDACTED:id]`.
    pub id: String,
    /// Regular expression in the syntax of Rust's `regex` crate.
    pub regex: String,
    /// Human-readable description of the text that the pattern matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl CustomPattern {
    /// Creates a pattern without a description.
    pub fn new(id: impl Into<String>, regex: impl Into<String>) -> Self {
        Self { id: id.into(), regex: regex.into(), description: None }
    }
}

/// A place in the result that is not filtered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Exemption {
    /// JSON pointer into the result, in which `*` matches any index or key.
    pub pointer: String,
    /// Reason why the place holds no personal data, which is shown when the package is approved.
    pub reason: String,
}
