//! The items of a result's `content`: MCP's content blocks, complete.

/// Defines setters of members that are `Option<String>`.
macro_rules! text_setters {
    ($($(#[$about:meta])* $member:ident),*) => {$(
        $(#[$about])*
        #[must_use]
        pub fn $member(mut self, $member: impl Into<String>) -> Self {
            self.$member = Some($member.into());
            self
        }
    )*};
}

mod annotations;
mod kinds;
mod resource;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

pub use annotations::{Annotations, Icon, Role};
pub use kinds::{AudioContent, EmbeddedResource, ImageContent, ResourceLink, TextContent};
pub use resource::{ResourceBody, ResourceContents};

/// One item of `content`: an MCP content block.
///
/// Every member that MCP defines has a field. Members that it does not define are kept in the item's `extra`, and an
/// item of a kind that this crate does not know is kept whole as [`Content::Other`], so that results of newer tools
/// and servers pass through unchanged.
///
/// ```
/// use mpp_sdk::{Content, Role};
///
/// let item = Content::text("3 customers found").audience([Role::User]).priority(0.8);
/// assert_eq!(item.as_text(), Some("3 customers found"));
/// assert_eq!(
///     mpp_sdk::serde_json::to_value(&item).unwrap(),
///     mpp_sdk::serde_json::json!({
///         "type": "text",
///         "text": "3 customers found",
///         "annotations": { "audience": ["user"], "priority": 0.8 },
///     })
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Plain text.
    Text(TextContent),
    /// An image.
    Image(ImageContent),
    /// A sound recording.
    Audio(AudioContent),
    /// A link to a resource that the client can read.
    ResourceLink(ResourceLink),
    /// A resource included in the result.
    Resource(EmbeddedResource),
    /// An item of a kind that this crate does not know, with all its members (`type` among them).
    #[serde(untagged)]
    Other(Map<String, Value>),
}

impl Content {
    /// Creates a text item.
    pub fn text(text: impl Into<String>) -> Self {
        TextContent::new(text).into()
    }

    /// Creates a link to a resource. [`ResourceLink`] has setters for its title, size and so on.
    ///
    /// ```
    /// let link = mpp_sdk::Content::resource_link("file:///reports/may.csv", "may.csv");
    /// ```
    pub fn resource_link(uri: impl Into<String>, name: impl Into<String>) -> Self {
        ResourceLink::new(uri, name).into()
    }

    /// Creates an item that includes a resource.
    ///
    /// ```
    /// use mpp_sdk::{Content, ResourceContents};
    ///
    /// let report = ResourceContents::text("file:///reports/may.csv", "day,total\n1,20\n").mime_type("text/csv");
    /// let item = Content::resource(report);
    /// ```
    pub fn resource(resource: ResourceContents) -> Self {
        EmbeddedResource::new(resource).into()
    }

    /// Returns the text of a text item.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(item) => Some(&item.text),
            _ => None,
        }
    }

    /// Returns the item's `type`; empty if an item of an unknown kind has none.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Audio(_) => "audio",
            Self::ResourceLink(_) => "resource_link",
            Self::Resource(_) => "resource",
            Self::Other(members) => members.get("type").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// Sets who the item is meant for.
    #[must_use]
    pub fn audience(self, audience: impl IntoIterator<Item = Role>) -> Self {
        let audience = audience.into_iter().collect();
        self.annotated(|annotations| annotations.audience = audience)
    }

    /// Sets how important the item is, from 0 (optional) to 1 (required).
    #[must_use]
    pub fn priority(self, priority: f64) -> Self {
        self.annotated(|annotations| annotations.priority = Some(priority))
    }

    /// Sets when the content was last modified, as an ISO 8601 timestamp.
    #[must_use]
    pub fn last_modified(self, timestamp: impl Into<String>) -> Self {
        let timestamp = timestamp.into();
        self.annotated(|annotations| annotations.last_modified = Some(timestamp))
    }

    /// Adds a member to the item's `_meta`.
    #[must_use]
    pub fn with_meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let meta = match &mut self {
            Self::Text(item) => &mut item.meta,
            Self::Image(item) => &mut item.meta,
            Self::Audio(item) => &mut item.meta,
            Self::ResourceLink(item) => &mut item.meta,
            Self::Resource(item) => &mut item.meta,
            Self::Other(members) => {
                if let Value::Object(meta) = members.entry("_meta").or_insert_with(|| Value::Object(Map::new())) {
                    meta.insert(key.into(), value.into());
                }
                return self;
            }
        };
        meta.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    fn annotated(mut self, change: impl FnOnce(&mut Annotations)) -> Self {
        let annotations = match &mut self {
            Self::Text(item) => &mut item.annotations,
            Self::Image(item) => &mut item.annotations,
            Self::Audio(item) => &mut item.annotations,
            Self::ResourceLink(item) => &mut item.annotations,
            Self::Resource(item) => &mut item.annotations,
            Self::Other(members) => {
                let known = members.get("annotations").cloned();
                let mut annotations = known.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
                change(&mut annotations);
                if let Ok(value) = serde_json::to_value(annotations) {
                    members.insert("annotations".to_owned(), value);
                }
                return self;
            }
        };
        change(annotations.get_or_insert_default());
        self
    }
}

impl<'de> Deserialize<'de> for Content {
    /// Reads an item by its `type`. A derived implementation would take a malformed item of a known kind for one of an
    /// unknown kind.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let Some(Value::String(kind)) = members.get("type") else {
            return Err(D::Error::custom("an item of `content` needs a string as `type`"));
        };
        let read: fn(Value) -> serde_json::Result<Self> = match kind.as_str() {
            "text" => |item| serde_json::from_value(item).map(Self::Text),
            "image" => |item| serde_json::from_value(item).map(Self::Image),
            "audio" => |item| serde_json::from_value(item).map(Self::Audio),
            "resource_link" => |item| serde_json::from_value(item).map(Self::ResourceLink),
            "resource" => |item| serde_json::from_value(item).map(Self::Resource),
            _ => return Ok(Self::Other(members)),
        };
        members.shift_remove("type");
        read(Value::Object(members)).map_err(D::Error::custom)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests;
