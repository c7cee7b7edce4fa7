//! Asks the fresh module for its tool definitions, and remembers the answer by the module's hash.

use std::path::Path;

use mpp_host::Host;
use mpp_host::atomic_file::write_if_changed;
use mpp_host::package::manifest::RuntimeKind;
use mpp_sdk::wire::ToolDefinition;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::BuildError;
use crate::event::Event;

/// What the last build of this package learned; a build of the same module need not run it again.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    module: String,
    builder: String,
    definitions: Vec<ToolDefinition>,
}

/// The module's definitions, sorted by name; empty where it answers none.
pub(crate) fn definitions(
    name: &str,
    module: &[u8],
    kind: RuntimeKind,
    host: &Host,
    memory: &Path,
    events: &mut dyn FnMut(Event),
) -> Result<Vec<ToolDefinition>, BuildError> {
    let hash = hex(&Sha256::digest(module));
    let builder = crate::builder();
    let path = memory.join(format!(".{name}.definitions.json"));
    let remembered = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Remembered>(&bytes).ok());
    if let Some(known) = remembered.filter(|known| known.module == hash && known.builder == builder) {
        return Ok(known.definitions);
    }
    events(Event::Describing { module_bytes: module.len() as u64 });
    let mut definitions =
        host.describe(module, kind).map_err(|source| BuildError::Describe { name: name.to_owned(), source })?;
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    let learned = Remembered { module: hash, builder, definitions };
    let bytes = serde_json::to_vec(&learned).unwrap_or_default();
    write_if_changed(&path, &bytes).map_err(|source| BuildError::Write { path, source })?;
    Ok(learned.definitions)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
