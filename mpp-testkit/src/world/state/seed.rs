//! Entries that a test puts into a tool's state before the first call.

use std::time::Duration;

use mpp_host::causes::with_causes;
use mpp_host::sandbox::kv::State;

use crate::failure::Failure;

/// An entry that exists before the first call.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) ttl: Option<Duration>,
}

/// Writes the entries, as one call of the tool would.
pub(crate) fn write(state: Option<&State>, seeds: &[Seed], name: &str) -> Result<(), Failure> {
    if seeds.is_empty() {
        return Ok(());
    }
    let Some(state) = state else {
        return Err(Failure::new(
            format!("the test adds entries to the state of `{name}`, but its manifest does not declare `kv`"),
            "write `kv = { max_bytes = 1048576 }` under `[package.metadata.mpp.capabilities]`",
        ));
    };
    let entries = seeds.iter().map(|seed| (seed.key.as_slice(), seed.value.as_slice(), seed.ttl));
    state.set(entries).map_err(|error| {
        Failure::new(
            format!("cannot add the entries of the test to the state of `{name}`: {}", with_causes(&error)),
            "",
        )
    })
}
