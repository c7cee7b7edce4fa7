//! The contents of a resource that is included in a result.

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::{Map, Value};

/// The contents of a resource: MCP's `TextResourceContents` and `BlobResourceContents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RawResourceContents")]
#[non_exhaustive]
pub struct ResourceContents {
    /// URI of the resource.
    pub uri: String,
    /// Media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The contents.
    #[serde(flatten)]
    pub body: ResourceBody,
    /// MCP's `_meta`: anything that tool and client agree on.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
    /// Members that MCP does not define.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A resource's contents: exactly one of `text` and `blob`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes in base64.
    Blob(String),
}

/// Contents as they are written, where both members and neither are possible.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResourceContents {
    uri: String,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    blob: Option<String>,
    #[serde(default, rename = "_meta")]
    meta: Option<Map<String, Value>>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl TryFrom<RawResourceContents> for ResourceContents {
    type Error = serde_json::Error;

    fn try_from(raw: RawResourceContents) -> Result<Self, Self::Error> {
        let body = match (raw.text, raw.blob) {
            (Some(text), None) => ResourceBody::Text(text),
            (None, Some(blob)) => ResourceBody::Blob(blob),
            (Some(_), Some(_)) => return Err(Self::Error::custom("`resource` has both `text` and `blob`")),
            (None, None) => return Err(Self::Error::custom("`resource` needs `text` or `blob`")),
        };
        Ok(Self { uri: raw.uri, mime_type: raw.mime_type, body, meta: raw.meta, extra: raw.extra })
    }
}

impl ResourceContents {
    /// Creates the contents of a text resource.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(uri.into(), ResourceBody::Text(text.into()))
    }

    /// Creates the contents of a binary resource from base64.
    pub fn blob(uri: impl Into<String>, base64: impl Into<String>) -> Self {
        Self::new(uri.into(), ResourceBody::Blob(base64.into()))
    }

    fn new(uri: String, body: ResourceBody) -> Self {
        Self { uri, mime_type: None, body, meta: None, extra: Map::new() }
    }

    text_setters!(
        /// Sets the media type.
        mime_type
    );
}
