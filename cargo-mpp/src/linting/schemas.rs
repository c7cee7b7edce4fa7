//! Finds what makes a tool bad for a model in the schemas of its arguments and results.

use std::collections::BTreeSet;

use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use super::Rule;

/// Keywords that some model providers refuse, and what to write instead.
const UNPORTABLE: &[(&str, &str)] = &[
    ("oneOf", "`oneOf`: use `anyOf`"),
    ("const", "`const`: use an `enum` of one value"),
    ("not", "`not`"),
    ("if", "`if`"),
    ("patternProperties", "`patternProperties`"),
    ("propertyNames", "`propertyNames`"),
    ("dependentSchemas", "`dependentSchemas`"),
    ("unevaluatedProperties", "`unevaluatedProperties`"),
    ("contains", "`contains`"),
    ("$ref", "`$ref`: repeat the schema"),
];

/// Something that is wrong at one place of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) rule: Rule,
    /// The argument or field, in the form `people[].name`; a field of the result begins with `returns.`.
    pub(super) field: String,
    /// What was found, if the rule is about several things.
    pub(super) what: String,
}

/// Returns the flaws of a tool's schemas, in the order of the fields.
pub(super) fn flaws(tool: &ToolDefinition) -> Vec<Flaw> {
    let mut walk = Walk { root: &tool.parameters, is_input: true, flaws: Vec::new(), seen: BTreeSet::new() };
    walk.properties(&tool.parameters, "");
    let mut flaws = walk.flaws;
    if let Some(returns) = &tool.returns {
        let mut walk = Walk { root: returns, is_input: false, flaws: Vec::new(), seen: BTreeSet::new() };
        walk.schema(returns, "returns");
        flaws.extend(walk.flaws);
    }
    flaws
}

struct Walk<'a> {
    root: &'a Value,
    is_input: bool,
    flaws: Vec<Flaw>,
    /// The references that were followed, so that a schema that refers to itself ends.
    seen: BTreeSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn add(&mut self, rule: Rule, field: &str, what: impl Into<String>) {
        let flaw = Flaw { rule, field: field.to_owned(), what: what.into() };
        if !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }

    fn properties(&mut self, schema: &'a Value, path: &str) {
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let field = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if !is_constant(property) && !self.is_described(property) {
                self.add(Rule::MissingDescription, &field, "");
            }
            self.schema(property, &field);
        }
    }

    fn is_described(&self, property: &Value) -> bool {
        let has =
            |schema: &Value| schema.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        has(property) || self.target(property).is_some_and(|(_, target)| has(target))
    }

    fn target(&self, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = schema.get("$ref")?.as_str()?;
        Some((name, self.root.pointer(name.strip_prefix('#')?)?))
    }

    fn schema(&mut self, schema: &'a Value, field: &str) {
        if schema.is_boolean() {
            self.add(Rule::UnportableSchema, field, "a boolean schema: name a type");
        }
        for (keyword, what) in UNPORTABLE {
            if schema.get(keyword).is_some() {
                self.add(Rule::UnportableSchema, field, *what);
            }
        }
        if schema.get("type").is_some_and(Value::is_array) {
            self.add(Rule::UnportableSchema, field, "a list of types: use one type, or `anyOf`");
        }
        if schema.get("prefixItems").is_some() && schema.get("items").is_none_or(Value::is_boolean) {
            self.add(Rule::UnportableSchema, field, "`prefixItems` without a schema for `items`");
        }
        if self.is_input {
            self.bounds(schema, field);
        }
        self.properties(schema, field);
        for keyword in ["items", "additionalProperties"] {
            let field = if keyword == "items" { format!("{field}[]") } else { format!("{field}.*") };
            match schema.get(keyword) {
                Some(part @ Value::Object(_)) => self.schema(part, &field),
                Some(Value::Bool(true)) if keyword == "items" => self.schema(&schema[keyword], &field),
                _ => {}
            }
        }
        for part in schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten() {
            self.schema(part, &format!("{field}[]"));
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            for part in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.schema(part, field);
            }
        }
        if let Some((name, target)) = self.target(schema)
            && self.seen.insert(name)
        {
            self.schema(target, field);
        }
    }

    /// An argument without bounds lets a model send more than the tool, or its memory, can take.
    fn bounds(&mut self, schema: &Value, field: &str) {
        let is = |kind: &str| match schema.get("type") {
            Some(Value::String(found)) => found == kind,
            Some(Value::Array(found)) => found.iter().any(|found| found == kind),
            _ => false,
        };
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.get(keyword).is_some());
        if is("string") && !has(&["maxLength", "enum", "const", "format", "pattern"]) {
            self.add(Rule::Unbounded, field, "");
        }
        if is("array") && !has(&["maxItems", "enum", "const", "prefixItems"]) {
            self.add(Rule::Unbounded, field, "");
        }
    }
}

/// Returns whether a property has one value only, like the tag of an enum. Its author has nothing to describe it with.
fn is_constant(property: &Value) -> bool {
    property.get("const").is_some()
        || property.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1)
}

#[cfg(test)]
mod tests {
    use mpp_sdk::wire::ToolDefinition;
    use serde_json::{Value, json};

    use super::{Rule, flaws};

    fn found(rule: Rule, parameters: Value) -> Vec<String> {
        let tool = ToolDefinition::new("find", "Finds.", parameters);
        let found = flaws(&tool).into_iter().filter(|flaw| flaw.rule == rule);
        found.map(|flaw| format!("{} {}", flaw.field, flaw.what).trim().to_owned()).collect()
    }

    #[test]
    fn finds_fields_without_a_description_however_deep() {
        let parameters = json!({
            "properties": {
                "a": {"type": "integer"},
                "b": {"type": "integer", "description": "Said."},
                "people": {"description": "Said.", "items": {"$ref": "#/$defs/Person"}}
            },
            "$defs": {"Person": {"properties": {"name": {}, "boss": {"$ref": "#/$defs/Person"}}}}
        });
        assert_eq!(found(Rule::MissingDescription, parameters), ["a", "people[].name", "people[].boss"]);
    }

    #[test]
    fn the_tag_of_an_enum_needs_no_description() {
        let variant = |tag: &str| json!({"type": "object", "properties": {"kind": {"type": "string", "enum": [tag]}, "side": {}}});
        let parameters =
            json!({"properties": {"shape": {"description": "A shape.", "anyOf": [variant("a"), variant("b")]}}});
        assert_eq!(found(Rule::MissingDescription, parameters), ["shape.side"]);
    }

    #[test]
    fn finds_strings_and_lists_without_bounds() {
        let parameters = json!({"properties": {
            "a": {"type": "string"},
            "b": {"type": "string", "maxLength": 9},
            "c": {"enum": ["x"], "type": "string"},
            "d": {"type": "array", "items": {"type": "string", "format": "email"}},
            "e": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
            "f": {"type": ["string", "null"]}
        }});
        assert_eq!(found(Rule::Unbounded, parameters), ["a", "d", "e[]", "f"]);
    }

    #[test]
    fn names_constructs_that_providers_refuse() {
        let parameters = json!({"properties": {
            "a": {"type": ["string", "null"]},
            "b": {"oneOf": [{"const": 1}]},
            "c": {"prefixItems": [{"type": "integer"}]},
            "d": true,
            "e": {"type": "object", "additionalProperties": false}
        }});
        assert_eq!(
            found(Rule::UnportableSchema, parameters),
            [
                "a a list of types: use one type, or `anyOf`",
                "b `oneOf`: use `anyOf`",
                "b `const`: use an `enum` of one value",
                "c `prefixItems` without a schema for `items`",
                "d a boolean schema: name a type",
            ]
        );
    }

    #[test]
    fn results_need_descriptions_and_no_bounds() {
        let tool = ToolDefinition::new("find", "Finds.", json!({}))
            .returns(json!({"properties": {"name": {"type": "string"}}}));
        let flaws: Vec<_> = flaws(&tool).into_iter().map(|flaw| (flaw.rule, flaw.field)).collect();
        assert_eq!(flaws, [(Rule::MissingDescription, "returns.name".to_owned())]);
    }
}
