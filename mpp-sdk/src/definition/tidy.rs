//! Tidies the schemas that schemars writes, so that every model provider accepts them.
//!
//! Providers refuse `oneOf`, `const`, arrays of types, boolean schemas and `prefixItems` without `items`. The same is said
//! with `anyOf`, `enum` and `items`. An optional argument has no form `null`: the host takes `null` for a key that is left
//! out.

mod flatten;
mod forms;
mod markers;
mod numbers;

use serde_json::{Map, Value};

pub(super) type Keywords = Map<String, Value>;

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Arguments: objects are closed, and keys that may be left out are not `null`.
    Arguments,
    /// A result: any reader copes with more keys.
    Result,
}

/// Keywords that describe a schema and allow or forbid nothing.
const ANNOTATIONS: [&str; 7] =
    ["title", "description", "default", "examples", "deprecated", markers::ALIASES, markers::NULLABLE];

/// Tidies a schema and everything in it.
pub(super) fn tidy(schema: &mut Value, side: Side) {
    Tidier { side }.schema(schema, true);
}

#[derive(Clone, Copy)]
struct Tidier {
    side: Side,
}

impl Tidier {
    /// Tidies one schema. `close` forbids unknown keys in objects whose keys are known.
    fn schema(self, schema: &mut Value, close: bool) {
        match schema {
            Value::Bool(true) => *schema = Value::Object(Map::new()),
            // No value at all, which is what an enum without variants allows.
            Value::Bool(false) => *schema = serde_json::json!({ "not": {} }),
            Value::Object(keywords) => self.keywords(keywords, close),
            _ => {}
        }
    }

    fn keywords(self, keywords: &mut Keywords, close: bool) {
        let is_open = markers::take_open(keywords);
        // A map, or a flattened one.
        let is_map = keywords.get("additionalProperties") == Some(&Value::Bool(true));
        let close = close && !is_open && !is_map && self.side == Side::Arguments;
        self.plain(keywords);
        forms::split_types(keywords);
        flatten::merge(keywords);
        self.children(keywords, close);
        forms::complete_tuple(keywords);
        forms::join(keywords);
        self.optional(keywords);
        if close {
            shut(keywords);
        }
        markers::apply(keywords, self.side);
    }

    /// Replaces single keywords.
    fn plain(self, keywords: &mut Keywords) {
        let is_argument = self.side == Side::Arguments;
        numbers::bound(keywords);
        keywords.retain(|keyword, value| match (keyword.as_str(), value) {
            ("default", Value::Null) | ("additionalProperties" | "unevaluatedProperties", Value::Bool(true)) => false,
            // Each schema describes one direction only.
            ("readOnly" | "writeOnly", _) => false,
            // A set takes a value that is given twice once.
            ("uniqueItems", _) => !is_argument,
            _ => true,
        });
        if let Some(value) = keywords.shift_remove("const") {
            keywords.insert("enum".to_owned(), Value::Array(vec![value]));
        }
        if let Some(forms) = keywords.shift_remove("oneOf") {
            match keywords.contains_key("anyOf") {
                false => keywords.insert("anyOf".to_owned(), forms),
                // Two lists of forms at once are rare, and not worth a rewrite.
                true => keywords.insert("oneOf".to_owned(), forms),
            };
        }
    }

    /// Removes the form `null` from the schemas of arguments that may be left out.
    fn optional(self, keywords: &mut Keywords) {
        let required: Vec<String> = match keywords.get("required") {
            Some(Value::Array(keys)) => keys.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let Some(Value::Object(properties)) = keywords.get_mut("properties") else { return };
        for (key, schema) in properties.iter_mut() {
            if let Value::Object(schema) = schema
                && !markers::take_nullable(schema)
                && self.side == Side::Arguments
                && !required.contains(key)
            {
                forms::without_null(schema);
            }
        }
    }

    fn children(self, keywords: &mut Keywords, close: bool) {
        // A part of a composed object sees only its own keys, so the whole is closed instead.
        let close_parts = close && !keywords.contains_key("properties");
        for (keyword, value) in keywords.iter_mut() {
            match (keyword.as_str(), value) {
                ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                    schemas.iter_mut().for_each(|(_, schema)| self.schema(schema, true));
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                    schemas.iter_mut().for_each(|schema| self.schema(schema, close_parts));
                }
                ("prefixItems", Value::Array(schemas)) => {
                    schemas.iter_mut().for_each(|schema| self.schema(schema, true));
                }
                ("additionalProperties" | "unevaluatedProperties", Value::Bool(_)) => {}
                ("items" | "additionalProperties" | "unevaluatedProperties" | "propertyNames" | "not", schema) => {
                    self.schema(schema, true);
                }
                _ => {}
            }
        }
    }
}

/// Forbids unknown keys in an object whose keys are known, unless the type says otherwise.
fn shut(keywords: &mut Keywords) {
    if !keywords.contains_key("properties") || keywords.contains_key("additionalProperties") {
        return;
    }
    let is_composed = ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|keyword| keywords.contains_key(*keyword));
    let keyword = if is_composed { "unevaluatedProperties" } else { "additionalProperties" };
    keywords.entry(keyword).or_insert(Value::Bool(false));
}
