//! What clients learn about an item beside its content: audience, priority, icons.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Hints about how a client should use an item: MCP's `Annotations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Annotations {
    /// Who the item is meant for; empty if that is not stated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// How important the item is, from 0 (optional) to 1 (required).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// When the content was last modified, as an ISO 8601 timestamp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Members that MCP does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A reader of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Role {
    /// The person who uses the client.
    User,
    /// The model.
    Assistant,
    /// A role that this crate does not know.
    Other(String),
}

impl Role {
    /// Returns the role's name in JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Role {
    fn from(name: String) -> Self {
        match name.as_str() {
            "user" => Self::User,
            "assistant" => Self::Assistant,
            _ => Self::Other(name),
        }
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.as_str().to_owned()
    }
}

/// An image that stands beside a resource's name in a client: MCP's `Icon`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Icon {
    /// An `https:` or `data:` URI of the image.
    pub src: String,
    /// Media type of the image, if `src` does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Sizes at which the icon can be used, for example `48x48`, or `any`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// The background that the icon is made for: `light` or `dark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Members that MCP does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Icon {
    /// Creates an icon from the URI of its image.
    pub fn new(src: impl Into<String>) -> Self {
        Self { src: src.into(), mime_type: None, sizes: Vec::new(), theme: None, extra: Map::new() }
    }

    text_setters!(
        /// Sets the media type of the image.
        mime_type,
        /// Sets the background that the icon is made for.
        theme
    );

    /// Adds a size at which the icon can be used.
    #[must_use]
    pub fn size(mut self, size: impl Into<String>) -> Self {
        self.sizes.push(size.into());
        self
    }
}
