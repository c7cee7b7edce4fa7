//! Tool definitions: what an agent reads before it calls a tool.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The definition of one tool, as the manifest publishes it and `tools/list` returns it.
///
/// ```
/// use mpp_sdk::{serde_json::json, wire::{SecurityLevel, ToolDefinition}};
///
/// let definition = ToolDefinition::new("lookup", "Look up customers by name.", json!({ "type": "object" }))
///     .title("Customer lookup")
///     .security_level(SecurityLevel::Medium);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ToolDefinition {
    /// The name that a call gives: `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the tool does, for a model that decides whether to call it.
    pub description: String,
    /// JSON Schema (2020-12) of the arguments; always an object schema.
    pub parameters: Value,
    /// JSON Schema of the result's `structuredContent`; `None` if the result is text or media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<Value>,
    /// How much harm a call can do.
    #[serde(default)]
    pub security_level: SecurityLevel,
    /// Hints about the tool's behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<ToolAnnotations>,
}

impl ToolDefinition {
    /// Creates a definition with the lowest security level, and without a title, a result schema or annotations.
    pub fn new(name: impl Into<String>, description: impl Into<String>, parameters: Value) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: description.into(),
            parameters,
            returns: None,
            security_level: SecurityLevel::default(),
            annotations: None,
        }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the JSON Schema of the result's `structuredContent`.
    #[must_use]
    pub fn returns(mut self, schema: Value) -> Self {
        self.returns = Some(schema);
        self
    }

    /// Sets how much harm a call can do.
    #[must_use]
    pub fn security_level(mut self, level: SecurityLevel) -> Self {
        self.security_level = level;
        self
    }

    /// Sets the hints about the tool's behaviour.
    #[must_use]
    pub fn annotations(mut self, annotations: ToolAnnotations) -> Self {
        self.annotations = Some(annotations);
        self
    }
}

/// How much harm a call can do, in the author's judgement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityLevel {
    /// The tool reads nothing private and changes nothing.
    #[default]
    Low,
    /// The tool reads private data.
    Medium,
    /// The tool changes data.
    High,
    /// The tool does something that cannot be undone, or moves money.
    Critical,
}

impl SecurityLevel {
    /// Returns the level's name in the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl std::fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Hints about a tool's behaviour: MCP's `ToolAnnotations`.
///
/// ```
/// let hints = mpp_sdk::wire::ToolAnnotations::new().read_only(true).open_world(false);
/// assert_eq!(hints.read_only_hint, Some(true));
/// assert_eq!(hints.destructive_hint, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ToolAnnotations {
    /// Whether the tool leaves its environment unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// Whether the tool may delete or overwrite something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Whether a second call with the same arguments has no further effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// Whether the tool interacts with the outside world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

impl ToolAnnotations {
    /// Creates annotations without any hint.
    #[must_use]
    pub const fn new() -> Self {
        Self { read_only_hint: None, destructive_hint: None, idempotent_hint: None, open_world_hint: None }
    }

    /// Sets whether the tool leaves its environment unchanged.
    #[must_use]
    pub const fn read_only(mut self, hint: bool) -> Self {
        self.read_only_hint = Some(hint);
        self
    }

    /// Sets whether the tool may delete or overwrite something.
    #[must_use]
    pub const fn destructive(mut self, hint: bool) -> Self {
        self.destructive_hint = Some(hint);
        self
    }

    /// Sets whether a second call with the same arguments has no further effect.
    #[must_use]
    pub const fn idempotent(mut self, hint: bool) -> Self {
        self.idempotent_hint = Some(hint);
        self
    }

    /// Sets whether the tool interacts with the outside world.
    #[must_use]
    pub const fn open_world(mut self, hint: bool) -> Self {
        self.open_world_hint = Some(hint);
        self
    }

    /// Returns whether no hint is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }
}
