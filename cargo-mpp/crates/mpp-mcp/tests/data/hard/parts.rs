//! The tool `parts`.

use mpp::serde_json::Value;

/// Arguments described in parts.
#[mpp::tool(security_level = "medium", parameters = "schemas/parts.json")]
fn parts(
    a: &str,
    // A JSON value: the schema combines several schemas.
    b: Option<Value>,
    // A JSON value: the schema combines several schemas.
    c: Option<Value>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("parts"))
}
