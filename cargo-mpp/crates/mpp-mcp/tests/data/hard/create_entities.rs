//! The tool `create_entities`.

use std::collections::BTreeMap;

use mpp::serde_json::{Map, Value};

/// Nested objects.
#[mpp::tool(
    security_level = "high",
    read_only = false,
    destructive,
    parameters = "schemas/create_entities.json"
)]
fn create_entities(
    counts: Option<BTreeMap<String, i64>>,
    entities: Vec<Entity>,
    // A JSON value: the schema allows any value.
    free: Option<Map<String, Value>>,
    // A JSON value: the schema describes some keys and allows others.
    open: Option<Map<String, Value>>,
    options: Option<Options>,
    position: Option<Position>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("create_entities"))
}

#[mpp::data]
struct Entity {
    #[serde(rename = "entityType")]
    entity_type: String,
    name: String,
    observations: Option<Vec<String>>,
    position: Option<Position>,
}

#[mpp::data]
struct Position {
    x: f64,
    y: Option<f64>,
}

#[mpp::data]
struct Options {
    dry_run: Option<bool>,
    labels: Option<BTreeMap<String, String>>,
}
