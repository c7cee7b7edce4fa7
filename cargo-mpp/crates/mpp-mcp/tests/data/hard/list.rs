//! The tool `list`.

use mpp::serde_json::Value;

/// Defaults and limits.
#[mpp::tool(security_level = "medium", parameters = "schemas/list.json")]
#[allow(clippy::too_many_arguments, reason = "the original takes them")]
fn list(
    // A JSON value: the schema allows values of several types.
    both: Option<Value>,
    day: Option<&str>,
    flag: Option<bool>,
    kind: Option<Kind>,
    level: Option<i64>,
    #[arg(default = 10)] limit: i64,
    maybe: Option<&str>,
    mode: Option<&str>,
    #[arg(default = "a \"b\"")] query: &str,
    #[arg(default = 1.0)] ratio: f64,
    sort: Option<Sort>,
    #[arg(default)] tags: Vec<String>,
    unit: Option<&str>,
    #[arg(default = false)] verbose: bool,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("list"))
}

#[mpp::data]
enum Kind {
    #[serde(rename = "dog")]
    Dog,
    #[serde(rename = "cat")]
    Cat,
}

#[mpp::data]
enum Sort {
    #[serde(rename = "asc")]
    Asc,
    #[serde(rename = "desc")]
    Desc,
}
