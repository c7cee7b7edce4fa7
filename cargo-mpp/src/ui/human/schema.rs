//! Renders the JSON Schemas of a tool: a line for each argument or field, with nested ones below it.

use serde_json::{Map, Value};

use crate::ui::text::{DIM, Text};

/// Maximum nesting; a schema can refer to itself.
const DEEPEST: usize = 6;
/// Maximum number of values of an enumeration on one line.
const MOST_VALUES: usize = 12;

/// Adds a line for each property of the object schema `root`, after `indent`.
pub(super) fn properties(text: &mut Text, indent: &str, root: &Value) {
    Schema { root, schema: root }.properties(text, indent, 0);
}

/// Adds the shape of a result: a line, and one for each of its fields.
pub(super) fn returns(text: &mut Text, indent: &str, root: &Value) {
    let schema = Schema { root, schema: root };
    text.add(indent).styled(DIM, "returns ").line(schema.shape(0));
    schema.nested(text, &format!("{indent}  "), 0);
}

/// A schema, and the document that its references point into.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
    schema: &'a Value,
}

impl<'a> Schema<'a> {
    fn at(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        self.schema.get(key)
    }

    /// Follows references.
    fn resolved(self) -> Self {
        let mut found = self;
        for _ in 0..DEEPEST {
            let target = found.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            match target.and_then(|pointer| self.root.pointer(pointer)) {
                Some(target) => found.schema = target,
                None => break,
            }
        }
        found
    }

    /// The alternatives of `anyOf` or `oneOf`, without `null` and without those that only state which keys are required.
    fn alternatives(self) -> Vec<Self> {
        let all = ["anyOf", "oneOf"].iter().filter_map(|word| self.get(word).and_then(Value::as_array)).flatten();
        let is_shape = |part: &Self| {
            let only_required =
                part.schema.as_object().is_some_and(|words| words.keys().all(|word| word == "required"));
            !only_required && part.get("type").and_then(Value::as_str) != Some("null")
        };
        all.map(|part| self.at(part)).filter(is_shape).collect()
    }

    fn properties(self, text: &mut Text, indent: &str, depth: usize) {
        let schema = self.resolved();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let property = self.at(property);
            let mut notes = property.shape(depth);
            if !required.contains(&name.as_str()) {
                notes.push_str(", optional");
            }
            if let Some(default) = property.get("default").filter(|default| !default.is_null()) {
                notes.push_str(&format!(", default {default}"));
            }
            text.add(indent).add(name).styled(DIM, format!("  {notes}"));
            if let Some(description) = property.description() {
                text.add("  ").add(description.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            text.end();
            property.nested(text, &format!("{indent}  "), depth + 1);
        }
    }

    fn description(self) -> Option<&'a str> {
        let of = |schema: Self| schema.get("description").and_then(Value::as_str);
        of(self).or_else(|| of(self.resolved()))
    }

    /// Adds the properties of the objects in this schema: its own, those of its items, and those of its alternatives.
    fn nested(self, text: &mut Text, indent: &str, depth: usize) {
        if depth >= DEEPEST {
            return;
        }
        let schema = self.resolved();
        let alternatives = schema.alternatives();
        match alternatives.as_slice() {
            [] => schema.properties(text, indent, depth),
            [only] => only.nested(text, indent, depth),
            several => {
                for (number, part) in several.iter().enumerate().filter(|(_, part)| part.has_properties()) {
                    text.add(indent).styled(DIM, if number == 0 { "either" } else { "or" }).end();
                    part.nested(text, &format!("{indent}  "), depth + 1);
                }
            }
        }
        for word in ["items", "additionalProperties"] {
            if let Some(item) = schema.get(word).filter(|item| item.is_object()) {
                self.at(item).nested(text, indent, depth + 1);
            }
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.at(part).nested(text, indent, depth + 1);
        }
    }

    fn has_properties(self) -> bool {
        self.resolved().get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty())
    }

    /// Describes the values that the schema accepts, in a few words.
    fn shape(self, depth: usize) -> String {
        if depth >= DEEPEST {
            return "value".to_owned();
        }
        let schema = self.resolved();
        if let Some(value) = schema.get("const") {
            return value.to_string();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let mut words: Vec<String> =
                values.iter().filter(|value| !value.is_null()).take(MOST_VALUES).map(Value::to_string).collect();
            if values.len() > MOST_VALUES {
                words.push(format!("{} more", values.len() - MOST_VALUES));
            }
            return words.join(" | ");
        }
        let alternatives = schema.alternatives();
        if !alternatives.is_empty() {
            let mut words: Vec<String> = Vec::new();
            for word in alternatives.iter().map(|part| part.shape(depth + 1)) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            return words.join(" or ");
        }
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => {
                kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
            }
            _ if schema.get("properties").is_some() => vec!["object"],
            _ => Vec::new(),
        };
        if kinds.is_empty() { "any value".to_owned() } else { self.typed(schema, &kinds, depth) }
    }

    fn typed(self, schema: Self, kinds: &[&str], depth: usize) -> String {
        let words = kinds.iter().map(|kind| match *kind {
            "array" => {
                let item = schema.get("items").filter(|items| items.is_object());
                let item = item.map_or_else(|| "any value".to_owned(), |item| self.at(item).shape(depth + 1));
                format!("list of {item}{}", range(schema.schema, "minItems", "maxItems", " with ", " items"))
            }
            "object" => match schema.get("additionalProperties").filter(|values| values.is_object()) {
                Some(values) => format!("object with any keys, each {}", self.at(values).shape(depth + 1)),
                None => "object".to_owned(),
            },
            "string" => {
                let format = schema.get("format").and_then(Value::as_str).map(|name| format!(" ({name})"));
                let pattern = schema.get("pattern").and_then(Value::as_str).map(|text| format!(" matching {text}"));
                let length = range(schema.schema, "minLength", "maxLength", " of ", " characters");
                format!("string{}{length}{}", format.unwrap_or_default(), pattern.unwrap_or_default())
            }
            kind => format!("{kind}{}", range(&without_type_bounds(schema.schema), "minimum", "maximum", " ", "")),
        });
        words.collect::<Vec<_>>().join(" or ")
    }
}

/// Removes bounds that are those of a type of 32 or 64 bits, which say nothing about the argument.
fn without_type_bounds(schema: &Value) -> Value {
    let mut bounds = schema.clone();
    if let Some(bounds) = bounds.as_object_mut() {
        bounds.retain(|key, bound| match key.as_str() {
            "minimum" => ![i64::from(i32::MIN), i64::MIN].iter().any(|least| bound.as_i64() == Some(*least)),
            "maximum" => ![u64::from(u32::MAX), u64::MAX, i32::MAX as u64, i64::MAX as u64]
                .iter()
                .any(|most| bound.as_u64() == Some(*most)),
            _ => true,
        });
    }
    bounds
}

/// Describes a range; empty if there are no bounds.
fn range(schema: &Value, least: &str, most: &str, before: &str, after: &str) -> String {
    let bounds = schema.as_object().map(|schema: &Map<String, Value>| (schema.get(least), schema.get(most)));
    let words = match bounds.unwrap_or_default() {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("up to {most}"),
        (None, None) => return String::new(),
    };
    format!("{before}{words}{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Text, properties, returns};

    fn shown(schema: &Value) -> String {
        let mut text = Text::new();
        properties(&mut text, "", schema);
        anstream::adapter::strip_str(text.as_ansi()).to_string()
    }

    #[test]
    fn shows_types_ranges_defaults_and_nested_objects() {
        let schema = json!({
            "type": "object",
            "properties": {
                "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 50, "default": 10, "description": "How\nmany."},
                "order": {"anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}]},
                "people": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Person"}},
                "scores": {"type": "object", "additionalProperties": {"type": "number"}},
                "words": {"type": "string", "minLength": 1, "maxLength": 80, "format": "email"}
            },
            "required": ["people", "words"],
            "$defs": {
                "Order": {"enum": ["up", "down"]},
                "Person": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/$defs/Person"}}
                }
            }
        });
        let expected = "limit  integer 1 to 50, optional, default 10  How many.\n\
                        order  \"up\" | \"down\", optional\n\
                        people  list of object with 1 or more items\n";
        let shown = shown(&schema);
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.contains("\n  name  string\n"), "{shown}");
        assert!(shown.contains("\nscores  object with any keys, each number, optional\n"), "{shown}");
        assert!(shown.contains("\nwords  string (email) of 1 to 80 characters\n"), "{shown}");
        assert!(shown.lines().count() < 30, "a schema that refers to itself ends: {shown}");
    }

    #[test]
    fn an_object_of_which_one_of_several_keys_is_required_shows_its_keys() {
        let schema = json!({"type": "object", "properties": {"how": {
            "type": "object",
            "properties": {"by": {"type": "string"}, "key": {"type": "string"}},
            "anyOf": [{"required": ["key"]}, {"required": ["by"]}]
        }}});
        assert_eq!(shown(&schema), "how  object, optional\n  by  string, optional\n  key  string, optional\n");
    }

    #[test]
    fn shows_each_alternative_of_a_result() {
        let mut text = Text::new();
        let schema = json!({"anyOf": [
            {"type": "object", "properties": {"found": {"type": "boolean"}}, "required": ["found"]},
            {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
        ]});
        returns(&mut text, "  ", &schema);
        let shown = anstream::adapter::strip_str(text.as_ansi()).to_string();
        assert_eq!(shown, "  returns object\n    either\n      found  boolean\n    or\n      error  string\n");
    }
}
