//! Arguments and results against the published schemas; all mistakes at once, in plain words.
//!
//! A schema is compiled when the first value is checked against it: a tool that is loaded and never called holds none.

mod mistakes;

use std::fmt;
use std::sync::OnceLock;

use jsonschema::{PatternOptions, Validator};
use mpp_sdk::wire::{Mistake, ToolDefinition};
use serde_json::Value;

use super::engine::made_once;
use mistakes::Quoting;
pub(crate) use mistakes::type_of;

/// Mistakes that one error reports; the rest follow when these are corrected.
const MOST_MISTAKES: usize = 8;
/// Bytes that one `pattern` may take when compiled.
const PATTERN_SIZE: usize = 1024 * 1024;

/// The schemas of one tool, compiled as far as they have been needed.
#[derive(Default)]
pub struct Compiled {
    parameters: OnceLock<Box<Validator>>,
    returns: OnceLock<Box<Validator>>,
}

/// A tool and what its values are held against: what it takes, and what it promises.
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

/// A schema that cannot be enforced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the `{member}` of `{tool}` cannot be enforced: {reason}")]
#[non_exhaustive]
pub struct SchemaFault {
    /// The tool.
    pub tool: String,
    /// `parameters` or `returns`.
    pub member: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// Whether both schemas of a tool can be enforced.
pub(crate) fn check(definition: &ToolDefinition) -> Result<(), SchemaFault> {
    compile(definition, "parameters", &definition.parameters)?;
    definition.returns.as_ref().map_or(Ok(()), |schema| compile(definition, "returns", schema).map(drop))
}

/// Makes ready what every schema is checked with: the schema of schemas, which takes longer than most schemas.
pub(crate) fn prepare() {
    let _ = jsonschema::options().offline().build(&serde_json::json!({ "type": "object" }));
}

fn compile(definition: &ToolDefinition, member: &'static str, schema: &Value) -> Result<Box<Validator>, SchemaFault> {
    jsonschema::options()
        .offline()
        // Linear time: the schema is the author's, the value may be anybody's.
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
        .build(schema)
        .map(Box::new)
        .map_err(|error| SchemaFault { tool: definition.name.clone(), member, reason: error.masked().to_string() })
}

impl<'a> Contract<'a> {
    /// A tool, with what of its schemas was compiled before.
    #[must_use]
    pub fn new(definition: &'a ToolDefinition, compiled: &'a Compiled) -> Self {
        Self { definition, compiled }
    }

    /// The tool's name.
    pub(crate) fn name(self) -> &'a str {
        &self.definition.name
    }

    /// What is wrong with a call's arguments; nothing where they fit.
    ///
    /// # Errors
    /// [`SchemaFault`] where the schema is none, refers to another document, or has a pattern without linear time.
    pub fn check_arguments(self, arguments: &Value) -> Result<Vec<Mistake>, SchemaFault> {
        let schema = &self.definition.parameters;
        let validator = made_once(&self.compiled.parameters, || compile(self.definition, "parameters", schema))?;
        Ok(mistakes::find(validator, schema, arguments, Quoting::Values, MOST_MISTAKES))
    }

    /// Whether a result can be checked.
    pub(crate) fn promises(self) -> bool {
        self.definition.returns.is_some()
    }

    /// What is wrong with a result; nothing where nothing was promised.
    ///
    /// # Errors
    /// As [`Contract::check_arguments`].
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
    fn names_every_mistake_with_its_place() {
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
    fn says_what_is_wrong_in_the_form_that_was_meant() {
        let schema = json!({ "type": "object", "properties": { "near": { "anyOf": [
            { "type": "object", "properties": { "radius": { "type": "number" } }, "required": ["radius"] },
            { "type": "null" },
        ] } } });
        assert_eq!(mistakes(schema.clone(), json!({ "near": {} })), ["`/near/radius`: is missing"]);
        let found = mistakes(schema, json!({ "near": 3 }));
        assert_eq!(found, ["`/near`: expected an object or null, found a number"]);
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
            // A call is refused where nobody checked before.
            let checked = Contract::new(&definition, &compiled).check_arguments(&json!({}));
            assert_eq!(checked.map_err(member), Err("parameters"), "{definition:?}");
        }
    }
}
