//! Arguments and results against the published schemas, compiled once per tool; all mistakes at once, in plain words.

mod mistakes;

use jsonschema::{PatternOptions, Validator};
use mpp_sdk::wire::{Mistake, ToolDefinition};
use serde_json::Value;

use mistakes::Quoting;
pub(crate) use mistakes::type_of;

/// Mistakes that one error reports; the rest follow when these are corrected.
const MOST_MISTAKES: usize = 8;
/// Bytes that one `pattern` may take when compiled.
const PATTERN_SIZE: usize = 1024 * 1024;

/// A tool, with its schemas compiled: what the host holds arguments and results against.
pub struct Contract {
    pub(crate) definition: ToolDefinition,
    parameters: Validator,
    returns: Option<Validator>,
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

impl Contract {
    /// Compiles the schemas of a definition.
    ///
    /// # Errors
    /// [`SchemaFault`] where one is no schema, refers to another document, or has a pattern without linear time.
    pub fn compile(definition: &ToolDefinition) -> Result<Self, SchemaFault> {
        let compile = |member: &'static str, schema: &Value| {
            jsonschema::options()
                .offline()
                // Linear time: the schema is the author's, the value may be anybody's.
                .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
                .build(schema)
                .map_err(|error| SchemaFault {
                    tool: definition.name.clone(),
                    member,
                    reason: error.masked().to_string(),
                })
        };
        Ok(Self {
            parameters: compile("parameters", &definition.parameters)?,
            returns: definition.returns.as_ref().map(|schema| compile("returns", schema)).transpose()?,
            definition: definition.clone(),
        })
    }

    /// What is wrong with a call's arguments; nothing where they fit.
    #[must_use]
    pub fn check_arguments(&self, arguments: &Value) -> Vec<Mistake> {
        mistakes::find(&self.parameters, &self.definition.parameters, arguments, Quoting::Values, MOST_MISTAKES)
    }

    /// Whether a result can be checked.
    pub(crate) fn promises(&self) -> bool {
        self.returns.is_some()
    }

    /// What is wrong with a result; nothing where nothing was promised.
    #[must_use]
    pub fn check_result(&self, result: &Value) -> Vec<Mistake> {
        match (&self.returns, &self.definition.returns) {
            (Some(validator), Some(schema)) => mistakes::find(validator, schema, result, Quoting::Types, MOST_MISTAKES),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Contract;
    use mpp_sdk::wire::{SecurityLevel, ToolDefinition};
    use serde_json::{Value, json};

    fn contract(parameters: Value) -> Result<Contract, super::SchemaFault> {
        Contract::compile(&ToolDefinition {
            name: "find".to_owned(),
            title: None,
            description: "Find".to_owned(),
            parameters,
            returns: None,
            security_level: SecurityLevel::Low,
            annotations: None,
        })
    }

    fn mistakes(parameters: Value, arguments: Value) -> Vec<String> {
        let contract = contract(parameters).expect("a valid schema");
        contract.check_arguments(&arguments).iter().map(ToString::to_string).collect()
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
            let fault = contract(schema.clone()).err();
            assert_eq!(fault.map(|fault| fault.member), Some("parameters"), "{schema}");
        }
    }
}
