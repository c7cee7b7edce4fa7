//! The tool `str`.

/// No arguments.
#[mpp::tool(
    name = "str",
    title = "Named like a type",
    security_level = "medium",
    parameters = "schemas/str_.json"
)]
fn str_() -> Result<String, mpp::Error> {
    Err(super::not_implemented("str"))
}
