//! Obtains the tool definitions from a compiled module, and caches them by the module's hash.

use std::path::Path;

use mpp_host::Host;
use mpp_host::atomic_file::write_if_changed;
use mpp_host::package::manifest::RuntimeKind;
use mpp_sdk::wire::ToolDefinition;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::BuildError;
use crate::event::Event;

/// The cached definitions of a module, so that an unchanged module need not be run again.
#[derive(Debug, Serialize, Deserialize)]
struct CachedDefinitions {
    module: String,
    builder: String,
    definitions: Vec<ToolDefinition>,
}

/// Returns the module's tool definitions, sorted by name. The result is empty if the module defines no tools.
pub(crate) fn definitions(
    name: &str,
    module: &[u8],
    kind: RuntimeKind,
    host: &Host,
    cache_dir: &Path,
    events: &mut dyn FnMut(Event),
) -> Result<Vec<ToolDefinition>, BuildError> {
    let hash = hex::encode(Sha256::digest(module));
    let builder = crate::builder();
    let path = cache_dir.join(format!(".{name}.definitions.json"));
    let cached = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<CachedDefinitions>(&bytes).ok());
    if let Some(known) = cached.filter(|known| known.module == hash && known.builder == builder) {
        return Ok(known.definitions);
    }
    events(Event::Describing { module_bytes: module.len() as u64 });
    let mut definitions =
        host.describe(module, kind).map_err(|source| BuildError::Describe { name: name.to_owned(), source })?;
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    let fresh = CachedDefinitions { module: hash, builder, definitions };
    let bytes = serde_json::to_vec(&fresh).unwrap_or_default();
    write_if_changed(&path, &bytes).map_err(|source| BuildError::Write { path, source })?;
    Ok(fresh.definitions)
}
