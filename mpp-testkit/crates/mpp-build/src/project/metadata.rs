//! The table `[package.metadata.mpp]` in `Cargo.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::forms::METADATA;
use super::keys::{KeyError, Syntax, check};
use super::place::Step;

/// Name of the table, as shown in errors.
pub(crate) const TABLE: &str = "package.metadata.mpp";

/// Bounds of the size of the stack in bytes.
const STACK_BYTES: std::ops::RangeInclusive<u64> = 65_536..=268_435_456;
/// Memory in bytes that a module needs besides its stack.
const BESIDES_STACK: u64 = 1 << 20;
/// Default limit of the memory in MiB, as in the manifest.
const MEMORY_LIMIT_MB: u64 = 64;

/// The contents of the table. Only the types of values are checked; the rest is validated with the finished manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) package_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) publisher_name: Option<String>,
    pub(crate) publisher_url: Option<String>,
    pub(crate) publisher_key_id: Option<String>,
    /// The values of `runtime` that are part of the manifest.
    pub(crate) runtime: Map<String, Value>,
    /// Size of the stack of the module, if the author chose one.
    pub(crate) stack_bytes: Option<u32>,
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
        check(value, &METADATA, &Step::in_metadata([]), Syntax::Toml)?;
        let publisher = value.get("publisher").unwrap_or(&Value::Null);
        let mut runtime = value.get("runtime").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Self {
            package_id: read(value, "package_id"),
            name: read(value, "name"),
            publisher_name: read(publisher, "name"),
            publisher_url: read(publisher, "url"),
            publisher_key_id: read(publisher, "key_id"),
            stack_bytes: take_stack_bytes(&mut runtime)?,
            runtime,
            capabilities: value.get("capabilities").cloned(),
            privacy_filters: value.get("privacy_filters").cloned(),
            assets: read(value, "assets"),
            bin: read(value, "bin"),
            features: read(value, "features").unwrap_or_default(),
            dev: read_dev(value.get("dev").unwrap_or(&Value::Null), project),
        })
    }
}

/// Returns the value of a key, whose form has been checked.
fn read<T: DeserializeOwned>(table: &Value, key: &str) -> Option<T> {
    T::deserialize(table.get(key)?).ok()
}

/// Takes the size of the stack out of the runtime's settings, the others of which are part of the manifest.
fn take_stack_bytes(runtime: &mut Map<String, Value>) -> Result<Option<u32>, KeyError> {
    let Some(bytes) = runtime.shift_remove("stack_bytes").and_then(|value| value.as_u64()) else { return Ok(None) };
    let limit_mb = runtime.get("memory_limit_mb").and_then(Value::as_u64).unwrap_or(MEMORY_LIMIT_MB);
    let memory = limit_mb.saturating_mul(1 << 20).saturating_sub(BESIDES_STACK);
    let (least, most) = (*STACK_BYTES.start(), memory.clamp(*STACK_BYTES.start(), *STACK_BYTES.end()));
    let fitting = bytes.clamp(least, most).next_multiple_of(16);
    match u32::try_from(bytes) {
        Ok(size) if bytes == fitting => Ok(Some(size)),
        _ => {
            let message = format!(
                "`{TABLE}.runtime.stack_bytes`: found {bytes}, expected a multiple of 16 from {least} to {most}, which leaves \
                 1 MiB of the memory limit of {limit_mb} MiB"
            );
            let steps = Step::in_metadata(["runtime", "stack_bytes"]);
            Err(KeyError::value(steps, message, format!("stack_bytes = {fitting}")))
        }
    }
}

/// Reads the mappings, whose form has been checked.
fn read_dev(dev: &Value, project: &Path) -> DevMappings {
    let dirs: BTreeMap<String, PathBuf> = read(dev, "dirs").unwrap_or_default();
    let env = read(dev, "env").unwrap_or_default();
    DevMappings { dirs: dirs.into_iter().map(|(guest, host)| (guest, project.join(host))).collect(), env }
}

#[cfg(test)]
mod tests;
