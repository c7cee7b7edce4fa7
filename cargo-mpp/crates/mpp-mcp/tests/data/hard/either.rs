//! The tool `either`.

/// Combined arguments.
#[mpp::tool(security_level = "medium", parameters = "schemas/either.json")]
fn either(id: Option<i64>, name: Option<&str>) -> Result<String, mpp::Error> {
    Err(super::not_implemented("either"))
}
