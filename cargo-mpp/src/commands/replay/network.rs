//! The recorded network of a replay.

use std::path::Path;
use std::sync::Arc;

use mpp_host::package::Manifest;
use mpp_recording::{Masks, MockNetwork, MockPlan, PrepareError};
use serde_json::{Value, json};

use crate::error::{Error, Explain};
use crate::ui::UiError;

impl Explain for PrepareError {}

/// Returns a network that answers with the recorded exchanges; `None` if there are none. `dir` is a private directory.
pub(super) fn recorded(
    exchanges: &[Value],
    dir: &Path,
    manifest: &Manifest,
    variables: &[(String, String)],
) -> Result<Option<Arc<MockNetwork>>, Error> {
    if exchanges.is_empty() {
        return Ok(None);
    }
    let fixture = dir.join("http.json");
    std::fs::write(&fixture, json!({ "exchanges": exchanges }).to_string()).map_err(UiError::output)?;
    let declared = &manifest.capabilities.network;
    let masks = Masks::new(variables.iter().cloned().collect(), declared);
    let mut plan = MockPlan::new();
    plan.fixture(fixture);
    Ok(Some(Arc::new(plan.build(dir, declared, masks, [].into())?)))
}
