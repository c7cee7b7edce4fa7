//! The tool `undescribed`.

use mpp::serde_json::Value;

/// Calls undescribed.
#[mpp::tool(security_level = "medium", parameters = "schemas/undescribed.json")]
fn undescribed(
    // A JSON value: the schema allows any value.
    x: Option<Value>,
    // A JSON value: the schema allows any value.
    y: Option<Value>,
    // A JSON value: the schema allows any value.
    z: Option<Value>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("undescribed"))
}
