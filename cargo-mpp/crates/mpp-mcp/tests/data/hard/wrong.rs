//! The tool `wrong`.

use mpp::serde_json::Value;

/// A schema that is not valid, and a pattern with look-ahead.
#[mpp::tool(security_level = "medium", parameters = "schemas/wrong.json")]
fn wrong(
    // A JSON value: the schema allows any value.
    a: Option<Value>,
    b: &str,
    // A JSON value: the schema allows any value.
    c: Option<Value>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("wrong"))
}
