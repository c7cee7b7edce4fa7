//! What the host can enforce: schemas are checked with the code that a call goes through.

use mpp_host::sandbox::{Compiled, Contract};
use mpp_host::wire::ToolDefinition;
use serde_json::{Value, json};

/// Returns whether the host can validate values against this schema.
pub(super) fn is_enforceable(schema: &Value) -> bool {
    let definition = ToolDefinition::new("tool", "", schema.clone());
    Contract::new(&definition, &Compiled::default()).check_arguments(&json!({})).is_ok()
}

/// Returns whether the host accepts these arguments under a schema.
pub(super) fn accepts(schema: &Value, arguments: &Value) -> bool {
    let definition = ToolDefinition::new("tool", "", schema.clone());
    let compiled = Compiled::default();
    Contract::new(&definition, &compiled).check_arguments(arguments).is_ok_and(|mistakes| mistakes.is_empty())
}
