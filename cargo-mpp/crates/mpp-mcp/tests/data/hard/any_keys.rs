//! The tool `any_keys`.

use mpp::serde_json::Value;

/// Takes whatever it is given.
#[mpp::tool(
    security_level = "medium",
    parameters = "schemas/any_keys.json",
    returns = "schemas/any_keys.returns.json"
)]
fn any_keys() -> Result<AnyKeysResult, mpp::Error> {
    Err(super::not_implemented("any_keys"))
}

#[mpp::data]
struct AnyKeysResult {
    next: Option<i64>,
    // A JSON value: the schema allows values of several types.
    result: Vec<Value>,
}
