//! A tool of a port.

use mpp_host::wire::{SecurityLevel, ToolAnnotations, ToolDefinition};
use serde_json::Value;

use super::enforce;
use super::report::{Change, Note};

/// A tool of a port.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PortedTool {
    /// The published name.
    pub name: String,
    /// Name of the module and the function.
    pub module: String,
    /// A name for people.
    pub title: Option<String>,
    /// The description, as the original publishes it.
    pub description: String,
    /// The security level, a guess.
    pub level: &'static str,
    /// Hints about the behaviour, in the words of `#[mpp::tool]`.
    pub hints: Vec<(&'static str, bool)>,
    /// The published schema of the arguments.
    pub parameters: Value,
    /// The published schema of the result.
    pub returns: Option<Value>,
    /// The source in the language of the port.
    pub source: String,
    /// Number of arguments.
    pub arguments: usize,
    /// Number of JSON values in the types of arguments and result.
    pub values: usize,
    /// Number of objects that accept unknown keys in the original, and not in the port.
    pub closed: usize,
    /// What is different in the tool itself.
    pub changes: Vec<Change>,
    /// What is different in the schema or the types of the arguments.
    pub notes: Vec<Note>,
    /// What is different in the schema or the type of the result.
    pub result_notes: Vec<Note>,
}

impl PortedTool {
    /// Returns the path of the file with the schema of the arguments, relative to the project.
    #[must_use]
    pub fn parameters_file(&self) -> String {
        format!("schemas/{}.json", self.module)
    }

    /// Returns the path of the file with the schema of the result, relative to the project.
    #[must_use]
    pub fn returns_file(&self) -> String {
        format!("schemas/{}.returns.json", self.module)
    }

    /// Returns whether the host of the package accepts these arguments.
    #[must_use]
    pub fn accepts(&self, arguments: &Value) -> bool {
        enforce::accepts(&self.parameters, arguments)
    }

    /// Returns the definition that the package publishes.
    #[must_use]
    pub fn definition(&self) -> ToolDefinition {
        let level = match self.level {
            "high" => SecurityLevel::High,
            "low" => SecurityLevel::Low,
            _ => SecurityLevel::Medium,
        };
        let mut definition =
            ToolDefinition::new(self.name.as_str(), self.description.as_str(), self.parameters.clone())
                .security_level(level);
        definition.title.clone_from(&self.title);
        definition.returns.clone_from(&self.returns);
        if !self.hints.is_empty() {
            let annotations = self.hints.iter().fold(ToolAnnotations::new(), |hints, (word, value)| match *word {
                "read_only" => hints.read_only(*value),
                "destructive" => hints.destructive(*value),
                "idempotent" => hints.idempotent(*value),
                _ => hints.open_world(*value),
            });
            definition = definition.annotations(annotations);
        }
        definition
    }
}
