//! The tool `tree`.

use mpp::serde_json::Value;

/// A recursive schema, and one that never ends.
#[mpp::tool(security_level = "medium", parameters = "schemas/tree.json")]
fn tree(
    // A JSON value: the schema allows any value.
    far: Option<Value>,
    // A JSON value: the schema allows any value.
    #[arg(name = "loop")] loop_: Option<Value>,
    // A JSON value: the schema allows any value.
    lost: Option<Value>,
    root: Root,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("tree"))
}

#[mpp::data]
struct Root {
    // A JSON value: the schema contains itself.
    children: Option<Vec<Value>>,
    name: String,
}
