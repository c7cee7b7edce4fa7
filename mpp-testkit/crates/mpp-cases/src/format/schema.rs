//! The JSON Schema of a file of test cases.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::CaseFile;

/// Returns the JSON Schema, draft 2020-12, of a file of test cases. Editors complete and check a file with it.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<CaseFile>().to_value();
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".to_owned(), "Test cases of an MPP package".into());
    }
    without_null(&mut schema);
    schema
}

/// Removes `null` from the types of members, which are left out instead, and defaults that say nothing.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.shift_remove("default");
            if let Some(types) = members.get_mut("type").filter(|types| types.is_array()) {
                let mut left: Vec<Value> =
                    types.as_array().into_iter().flatten().filter(|one| *one != "null").cloned().collect();
                *types = if left.len() == 1 { left.remove(0) } else { left.into() };
            }
            let choices = members.get("anyOf").and_then(Value::as_array).map(Vec::as_slice);
            if let Some([Value::Object(only), null]) = choices
                && null["type"] == "null"
            {
                let only = only.clone();
                members.shift_remove("anyOf");
                members.extend(only);
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
