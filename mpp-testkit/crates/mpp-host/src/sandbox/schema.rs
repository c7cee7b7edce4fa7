//! Validates arguments and results against the published schemas, and reports all mistakes at once.
//!
//! A schema is compiled when the first value is validated against it, so a tool that is never called compiles none.

mod forms;
mod mistakes;
mod omitted;
mod stream;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use jsonschema::{PatternOptions, Validator};
use mpp_sdk::wire::{Mistake, ToolDefinition};
use serde_json::Value;

use super::engine::made_once;
use mistakes::Quoting;
pub(crate) use mistakes::type_of;
use stream::Stream;

/// Maximum number of mistakes that one error reports.
const MOST_MISTAKES: usize = 8;
/// Member of a definition with the schema of the arguments.
const PARAMETERS: &str = "parameters";
/// Maximum size of one compiled `pattern`, in bytes.
const PATTERN_SIZE: usize = 1024 * 1024;

/// The compiled schemas of one tool; each is compiled when it is first needed.
#[derive(Default)]
pub struct Compiled {
    parameters: OnceLock<Box<Validator>>,
    returns: OnceLock<Box<Validator>>,
    /// `None` if the schema of results has to be checked against a tree.
    stream: OnceLock<Option<Box<Stream>>>,
}

/// A tool's definition together with its compiled schemas, against which arguments and results are validated.
#[derive(Clone, Copy)]
pub struct Contract<'a> {
    definition: &'a ToolDefinition,
    compiled: &'a Compiled,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").finish_non_exhaustive()
    }
}

impl fmt::Debug for Contract<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract").field("definition", self.definition).finish_non_exhaustive()
    }
}

/// The error returned when a schema cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` of the tool `{tool}` cannot be enforced: {reason}")]
#[non_exhaustive]
pub struct SchemaFault {
    /// Name of the tool.
    pub tool: String,
    /// Member of the definition that holds the schema: `parameters` or `returns`.
    pub member: &'static str,
    /// Description of the problem.
    pub reason: String,
}

/// Checks that both schemas of a tool can be enforced.
pub(crate) fn check(definition: &ToolDefinition) -> Result<(), SchemaFault> {
    compile(definition, PARAMETERS, &definition.parameters)?;
    definition.returns.as_ref().map_or(Ok(()), |schema| compile(definition, "returns", schema).map(drop))
}

/// Compiles the meta-schema, which every schema is validated against and which takes longer than most schemas.
pub(crate) fn prepare() {
    let _ = jsonschema::options().offline().build(&serde_json::json!({ "type": "object" }));
}

fn compile(definition: &ToolDefinition, member: &'static str, schema: &Value) -> Result<Box<Validator>, SchemaFault> {
    jsonschema::options()
        .offline()
        // This engine matches in linear time. The author controls the schema, but the value can come from anyone.
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
        // In arguments a format is a rule that the author relies on. In results it describes what a type happens to write.
        .should_validate_formats(member == PARAMETERS)
        // RFC 3339 has no fractions and no signs in durations; the types that publish this format have both.
        .with_format("duration", |_: &str| true)
        .build(schema)
        .map(Box::new)
        .map_err(|error| SchemaFault { tool: definition.name.clone(), member, reason: error.masked().to_string() })
}

impl<'a> Contract<'a> {
    /// Creates the contract of the tool `definition`, whose schemas are compiled into `compiled`.
    #[must_use]
    pub fn new(definition: &'a ToolDefinition, compiled: &'a Compiled) -> Self {
        Self { definition, compiled }
    }

    /// Returns the tool's name.
    pub(crate) fn name(self) -> &'a str {
        &self.definition.name
    }

    /// Returns the mistakes in a call's arguments; none if they match the schema. `null` for a key that may be left out is no
    /// mistake: the host removes it before the call.
    ///
    /// # Errors
    /// Returns [`SchemaFault`] if the schema is invalid, refers to another document, or has a pattern that cannot be matched in
    /// linear time.
    pub fn check_arguments(self, arguments: &Value) -> Result<Vec<Mistake>, SchemaFault> {
        self.arguments(arguments).map(|(mistakes, _)| mistakes)
    }

    /// Checks a call's arguments, and returns their text without each `null` for a key that may be left out.
    pub(crate) fn accept<'t>(
        self,
        arguments: &Value,
        text: &'t str,
    ) -> Result<Result<Cow<'t, str>, Vec<Mistake>>, SchemaFault> {
        let (mistakes, omitted) = self.arguments(arguments)?;
        if !mistakes.is_empty() {
            return Ok(Err(mistakes));
        }
        let shortened = (!omitted.is_empty()).then(|| omitted::without_in_text(text, &omitted)).flatten();
        Ok(Ok(shortened.map_or(Cow::Borrowed(text), Cow::Owned)))
    }

    /// Returns the mistakes, and the JSON pointers of each `null` that stands for a key that is left out.
    fn arguments(self, arguments: &Value) -> Result<(Vec<Mistake>, Vec<String>), SchemaFault> {
        let schema = &self.definition.parameters;
        let validator = made_once(&self.compiled.parameters, || compile(self.definition, PARAMETERS, schema))?;
        if validator.is_valid(arguments) {
            return Ok((Vec::new(), Vec::new()));
        }
        let omitted = omitted::find(validator, arguments);
        let rest = if omitted.is_empty() {
            Cow::Borrowed(arguments)
        } else {
            Cow::Owned(omitted::without(arguments, &omitted))
        };
        Ok((mistakes::find(validator, schema, &rest, Quoting::Values, MOST_MISTAKES), omitted))
    }

    /// Returns whether the tool publishes a schema for its results.
    pub(crate) fn promises(self) -> bool {
        self.definition.returns.is_some()
    }

    /// Returns whether a result certainly matches the schema. `result` is a JSON text in which no key occurs twice in an object. `false`
    /// means nothing: [`check_result`](Self::check_result) then decides.
    pub(crate) fn admits_result(self, result: &str) -> bool {
        let compile = || self.definition.returns.as_ref().and_then(Stream::compile).map(Box::new);
        self.compiled.stream.get_or_init(compile).as_ref().is_some_and(|stream| stream.admits(result))
    }

    /// Returns the mistakes in a result; none if it matches the schema or the tool publishes no schema for results.
    ///
    /// # Errors
    /// Same as [`Contract::check_arguments`].
    pub fn check_result(self, result: &Value) -> Result<Vec<Mistake>, SchemaFault> {
        let Some(schema) = &self.definition.returns else { return Ok(Vec::new()) };
        let validator = made_once(&self.compiled.returns, || compile(self.definition, "returns", schema))?;
        Ok(mistakes::find(validator, schema, result, Quoting::Types, MOST_MISTAKES))
    }
}

#[cfg(test)]
mod tests {
    use super::{Compiled, Contract, SchemaFault, check};
    use mpp_sdk::wire::ToolDefinition;
    use serde_json::{Value, json};

    fn definition(parameters: Value) -> ToolDefinition {
        ToolDefinition::new("find", "Find", parameters)
    }

    fn mistakes(parameters: Value, arguments: Value) -> Vec<String> {
        let (definition, compiled) = (definition(parameters), Compiled::default());
        check(&definition).expect("a valid schema");
        let found = Contract::new(&definition, &compiled).check_arguments(&arguments).expect("a valid schema");
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reports_every_mistake_with_its_pointer() {
        let schema = json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "minLength": 1 },
                "limit": { "type": "integer", "maximum": 100 },
                "kind": { "enum": ["person", "company"] },
                "near": { "$ref": "#/$defs/Near" },
            },
            "required": ["query"],
            "additionalProperties": false,
            "$defs": { "Near": {
                "type": "object",
                "properties": { "radius": { "type": ["number", "null"] } },
                "additionalProperties": false,
            } },
        });
        let found = mistakes(
            schema.clone(),
            json!({ "qurey": "ada", "limit": 300, "kind": "persn", "near": { "raduis": 1, "radius": "x" } }),
        );
        for expected in [
            "`/qurey`: there is no such key; did you mean `query`?",
            "`/query`: is missing",
            "`/limit`: expected at most 100, found 300",
            "`/kind`: expected one of `\"person\"`, `\"company\"`; did you mean `\"person\"`?",
            "`/near/raduis`: there is no such key; did you mean `radius`?",
            "`/near/radius`: expected a number or null, found a string",
        ] {
            assert!(found.iter().any(|mistake| mistake == expected), "{expected}\nis not in {found:#?}");
        }
        assert_eq!(mistakes(schema, json!({ "query": "ada", "near": { "radius": null } })), Vec::<String>::new());
    }

    #[test]
    fn reports_mistakes_in_the_intended_form() {
        let schema = json!({ "type": "object", "properties": { "near": { "anyOf": [
            { "type": "object", "properties": { "radius": { "type": "number" } }, "required": ["radius"] },
            { "type": "null" },
        ] } } });
        assert_eq!(mistakes(schema.clone(), json!({ "near": {} })), ["`/near/radius`: is missing"]);
        let found = mistakes(schema, json!({ "near": 3 }));
        assert_eq!(found, ["`/near`: expected an object or null, found a number"]);
    }

    fn shapes(keyword: &str, tag: fn(&str) -> Value) -> Value {
        json!({ "type": "object", "properties": { "shape": { keyword: [
            {
                "type": "object",
                "properties": { "kind": tag("circle"), "radius": { "type": "number" } },
                "required": ["kind", "radius"],
                "additionalProperties": false,
            },
            { "type": "object", "properties": { "kind": tag("dot") }, "required": ["kind"], "additionalProperties": false },
        ] } } })
    }

    #[test]
    fn a_wrong_tag_is_told_at_its_place_with_the_nearest() {
        for schema in [
            shapes("anyOf", |kind| json!({ "type": "string", "enum": [kind] })),
            shapes("oneOf", |kind| json!({ "const": kind })),
        ] {
            let of = |shape: Value| mistakes(schema.clone(), json!({ "shape": shape }));
            let expected = "expected one of `\"circle\"`, `\"dot\"`";
            assert_eq!(
                of(json!({ "kind": "cirlce", "radius": 1 })),
                [format!("`/shape/kind`: {expected}; did you mean `\"circle\"`?")]
            );
            assert_eq!(of(json!({ "radius": 1 })), [format!("`/shape/kind`: is missing, {expected}")]);
            assert_eq!(of(json!({ "kind": 5 })), [format!("`/shape/kind`: {expected}")]);
            assert_eq!(
                of(json!({ "kind": "circle", "radius": "x" })),
                ["`/shape/radius`: expected a number, found a string"]
            );
            assert_eq!(
                of(json!({ "kind": "dot", "radius": 1 })),
                ["`/shape/radius`: there is no such key, expected one of `kind`"]
            );
            assert_eq!(of(json!("circle")), ["`/shape`: expected an object, found a string"]);
        }
    }

    #[test]
    fn right_keys_beside_a_flattened_enum_are_not_called_wrong() {
        let form = |kind: &str, more: Value| {
            let mut properties = json!({ "kind": { "const": kind } });
            properties.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            json!({ "type": "object", "properties": properties, "required": ["kind"] })
        };
        let schema = json!({
            "type": "object",
            "properties": { "id": { "type": "integer" } },
            "oneOf": [form("circle", json!({ "radius": { "type": "number" } })), form("dot", json!({}))],
            "unevaluatedProperties": false,
        });
        let of = |arguments: Value| mistakes(schema.clone(), arguments);
        assert_eq!(
            of(json!({ "id": 1, "kind": "circle", "radius": "x" })),
            ["`/radius`: expected a number, found a string"]
        );
        let found = of(json!({ "id": 1, "kind": "circle", "radius": "x", "colour": 1 }));
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[1], "`/colour`: there is no such key, expected one of `id`, `kind`, `radius`");
        assert_eq!(
            of(json!({ "id": 1, "kind": "dot", "radius": 1 })),
            ["`/radius`: does not belong to the form that the other keys have"]
        );
    }

    #[test]
    fn says_each_type_once() {
        let object = |key: &str| json!({ "type": "object", "required": [key] });
        let schema = json!({ "type": "object", "properties": {
            "x": { "anyOf": [object("a"), { "type": "null" }, object("b"), object("c")] },
        } });
        assert_eq!(mistakes(schema, json!({ "x": 3 })), ["`/x`: expected an object or null, found a number"]);
    }

    #[test]
    fn an_integer_may_be_written_as_a_float() {
        let schema =
            json!({ "type": "object", "properties": { "n": { "type": "integer", "minimum": 0, "maximum": 255 } } });
        assert_eq!(mistakes(schema.clone(), json!({ "n": 30.0 })), Vec::<String>::new());
        let found = mistakes(schema.clone(), json!({ "n": 30.5 }));
        assert_eq!(found, ["`/n`: expected an integer from 0 to 255, found 30.5"]);
        assert_eq!(mistakes(schema, json!({ "n": 256.0 })), ["`/n`: expected at most 255, found 256.0"]);
    }

    #[test]
    fn formats_are_rules_for_arguments_and_hints_for_results() {
        let schema = json!({ "type": "object", "properties": {
            "day": { "type": "string", "format": "date" },
            "to": { "type": "string", "format": "email" },
            "id": { "type": "string", "format": "uuid" },
            "wait": { "type": "string", "format": "duration" },
            "colour": { "type": "string", "format": "colour" },
        } });
        let right = json!({ "day": "2026-02-28", "to": "ada@post.example", "wait": "-PT1.5S", "colour": "any" });
        assert_eq!(mistakes(schema.clone(), right), [""; 0]);
        let found = mistakes(schema.clone(), json!({ "day": "2026-02-30", "to": "ada", "id": "7" }));
        for (key, format) in [("day", "date"), ("to", "email"), ("id", "uuid")] {
            let expected = format!("`/{key}`: expected text in the format `{format}`");
            assert!(found.iter().any(|mistake| mistake.starts_with(&expected)), "{found:?}");
        }
        let mut definition = definition(json!({ "type": "object" }));
        definition.returns = Some(schema);
        let compiled = Compiled::default();
        let results = Contract::new(&definition, &compiled).check_result(&json!({ "day": "tomorrow" }));
        assert_eq!(results.expect("a valid schema"), []);
    }

    #[test]
    fn null_stands_for_a_key_that_is_left_out() {
        let near = json!({
            "type": "object",
            "properties": { "radius": { "type": "number" }, "unit": { "enum": ["km", "mi"] } },
            "required": ["radius"],
        });
        let schema = json!({
            "type": "object",
            "properties": { "query": { "type": "string" }, "limit": { "type": "integer" }, "near": near, "any": {} },
            "required": ["query"],
            "additionalProperties": false,
        });
        let (definition, compiled) = (definition(schema), Compiled::default());
        let accept = |text: &str| {
            let arguments = serde_json::from_str(text).expect("JSON");
            let accepted = Contract::new(&definition, &compiled).accept(&arguments, text).expect("a valid schema");
            accepted.map(|text| text.into_owned()).map_err(|found| found[0].to_string())
        };
        let rest = accept(r#"{"query":"a","limit":null,"near":{"radius":1.0,"unit":null},"any":null}"#);
        assert_eq!(rest.as_deref(), Ok(r#"{"query":"a","near":{"radius":1.0},"any":null}"#));
        assert_eq!(accept(r#"{"query":null}"#), Err("`/query`: expected a string, found null".to_owned()));
        assert_eq!(
            accept(r#"{"query":"a","near":{"radius":null}}"#),
            Err("`/near/radius`: expected a number, found null".to_owned())
        );
        assert_eq!(
            accept(r#"{"query":"a","lmit":null}"#),
            Err("`/lmit`: there is no such key; did you mean `limit`?".to_owned())
        );
    }

    #[test]
    fn refuses_schemas_that_it_cannot_enforce() {
        for schema in [
            json!({ "type": "objekt" }),
            json!({ "$ref": "https://schemas.example/x.json" }),
            json!({ "properties": { "a": { "pattern": "(a)\\1" } } }),
        ] {
            let (definition, compiled) = (definition(schema), Compiled::default());
            let member = |fault: SchemaFault| fault.member;
            assert_eq!(check(&definition).map_err(member), Err("parameters"), "{definition:?}");
            // A call also fails if `check` was not called before.
            let checked = Contract::new(&definition, &compiled).check_arguments(&json!({}));
            assert_eq!(checked.map_err(member), Err("parameters"), "{definition:?}");
        }
    }
}
