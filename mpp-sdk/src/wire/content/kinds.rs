//! The kinds of items, one type each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Annotations, Content, Icon, ResourceContents};

/// Defines the type of the items of one variant of `Content`: the required members, the optional ones, and those that every
/// item may have.
macro_rules! item {
    ($(#[$about:meta])* $type:ident is $variant:ident {
        $($(#[$required_about:meta])* $required:ident: $required_type:ty,)*
    } $(optional {
        $($(#[$optional_about:meta])* $optional:ident: $optional_type:ty,)*
    })?) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $type {
            $($(#[$required_about])* pub $required: $required_type,)*
            $($($(#[$optional_about])* pub $optional: $optional_type,)*)?
            /// Hints for the client.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub annotations: Option<Annotations>,
            /// MCP's `_meta`: anything that tool and client agree on.
            #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
            pub meta: Option<Map<String, Value>>,
            /// Members that MCP does not define.
            #[serde(flatten)]
            pub extra: Map<String, Value>,
        }

        impl $type {
            fn of($($required: $required_type),*) -> Self {
                Self {
                    $($required,)*
                    $($($optional: Default::default(),)*)?
                    annotations: None,
                    meta: None,
                    extra: Map::new(),
                }
            }
        }

        impl From<$type> for Content {
            fn from(item: $type) -> Self {
                Self::$variant(item)
            }
        }
    };
}

item! {
    /// Plain text.
    TextContent is Text {
        /// The text.
        text: String,
    }
}

impl TextContent {
    /// Creates a text item.
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(text.into())
    }
}

item! {
    /// An image.
    ImageContent is Image {
        /// The image's bytes in base64.
        data: String,
        /// Media type, for example `image/png`.
        mime_type: String,
    }
}

impl ImageContent {
    /// Creates an image item from base64 and its media type. In a tool, `Image` encodes the bytes.
    pub fn new(data: impl Into<String>, mime_type: impl Into<String>) -> Self {
        Self::of(data.into(), mime_type.into())
    }
}

item! {
    /// A sound recording.
    AudioContent is Audio {
        /// The recording's bytes in base64.
        data: String,
        /// Media type, for example `audio/wav`.
        mime_type: String,
    }
}

impl AudioContent {
    /// Creates a sound item from base64 and its media type. In a tool, `Audio` encodes the bytes.
    pub fn new(data: impl Into<String>, mime_type: impl Into<String>) -> Self {
        Self::of(data.into(), mime_type.into())
    }
}

item! {
    /// A link to a resource that the client can read.
    ///
    /// ```
    /// use mpp_sdk::{Content, ResourceLink};
    ///
    /// let link = ResourceLink::new("file:///reports/may.csv", "may.csv").title("May").mime_type("text/csv").size(2048);
    /// let item = Content::from(link).priority(1.0);
    /// ```
    ResourceLink is ResourceLink {
        /// URI of the resource.
        uri: String,
        /// Name of the resource, for programs.
        name: String,
    } optional {
        /// Name of the resource, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What the resource contains.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// Media type of the resource.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// Size of the resource in bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
        /// Images for the resource, of which a client picks one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        icons: Vec<Icon>,
    }
}

impl ResourceLink {
    /// Creates a link to the resource at `uri`.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self::of(uri.into(), name.into())
    }

    text_setters!(
        /// Sets the name for people.
        title,
        /// Describes what the resource contains.
        description,
        /// Sets the media type.
        mime_type
    );

    /// Sets the size in bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Adds an icon.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icons.push(icon);
        self
    }
}

item! {
    /// A resource included in the result.
    EmbeddedResource is Resource {
        /// The resource.
        resource: ResourceContents,
    }
}

impl EmbeddedResource {
    /// Creates an item that includes `resource`.
    #[must_use]
    pub fn new(resource: ResourceContents) -> Self {
        Self::of(resource)
    }
}
