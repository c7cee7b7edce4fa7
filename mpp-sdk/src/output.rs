//! Results: what a tool's return type becomes.
//!
//! | a tool returns | the result is |
//! |---|---|
//! | `String`, `&str`, `Cow<str>`, `Box<str>` | text in `content` |
//! | `()` | nothing |
//! | [`Image`], [`Audio`], [`Content`], `Vec<Content>` | media in `content` |
//! | [`CallToolResult`] | itself |
//! | `Option` of these | nothing where it is `None` |
//! | anything else that is [`Serialize`] and [`JsonSchema`](schemars::JsonSchema) (see [`data`](crate::data)) | `structuredContent`, and its schema is published as `returns` |
//! | `Result<T, E>` of all these, `E: Into<mpp::Error>` | that of `T`, or the error |
//!
//! ```
//! /// Count the words of a text.
//! #[mpp_sdk::tool]
//! fn count(text: &str) -> usize {
//!     text.split_whitespace().count()
//! }
//!
//! /// Turn a text around.
//! #[mpp_sdk::tool]
//! fn reverse(text: &str) -> Result<String, mpp_sdk::Error> {
//!     if text.is_empty() { Err("give a text".into()) } else { Ok(text.chars().rev().collect()) }
//! }
//! # fn main() {}
//! ```

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Audio, CallToolResult, Content, Error, Image};

/// The result of a call, ready to be written.
#[derive(Debug)]
pub struct Output {
    /// Items of `content`, as JSON.
    content: Vec<Value>,
    /// JSON text: the value is serialised once, not by way of a tree.
    structured: Option<String>,
    is_error: bool,
}

impl Output {
    pub(crate) fn nothing() -> Self {
        Self { content: Vec::new(), structured: None, is_error: false }
    }

    pub(crate) fn text(text: String) -> Self {
        let mut item = Map::new();
        item.insert("type".to_owned(), Value::from("text"));
        item.insert("text".to_owned(), Value::from(text));
        Self { content: vec![Value::Object(item)], ..Self::nothing() }
    }

    pub(crate) fn content(content: Vec<Content>) -> Self {
        // Items are text and JSON values, so that none is lost.
        let content = content.into_iter().filter_map(|item| serde_json::to_value(item).ok());
        Self { content: content.collect(), ..Self::nothing() }
    }

    pub(crate) fn structured(value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        match serde_json::to_string(value) {
            Ok(json) => Ok(Self { structured: Some(json), ..Self::nothing() }),
            Err(error) => {
                Err(Error::new("result_not_json", format!("the tool's result cannot be written as JSON: {error}")))
            }
        }
    }

    pub(crate) fn structured_value(&self) -> Option<Value> {
        serde_json::from_str(self.structured.as_deref()?).ok()
    }

    /// Appends the `CallToolResult`.
    pub(crate) fn write(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(b"{\"content\":");
        if self.content.is_empty() || serde_json::to_writer(&mut *line, &self.content).is_err() {
            line.extend_from_slice(b"[]");
        }
        if let Some(json) = &self.structured {
            line.extend_from_slice(b",\"structuredContent\":");
            line.extend_from_slice(json.as_bytes());
        }
        line.extend_from_slice(if self.is_error { b",\"isError\":true}" } else { b",\"isError\":false}" });
    }
}

/// A return type with a meaning of its own: text, media, nothing. Other types are serialised.
pub trait IntoToolResult {
    /// The result as it travels.
    fn into_output(self) -> Output;
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_output(self) -> Output {
                Output::text(self.into())
            }
        }
    )*};
}
text!(String, &str, Cow<'_, str>, Box<str>);

macro_rules! media {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_output(self) -> Output {
                Output::content(vec![self.into()])
            }
        }
    )*};
}
media!(Content, Image, Audio);

impl IntoToolResult for () {
    fn into_output(self) -> Output {
        Output::nothing()
    }
}

impl IntoToolResult for Vec<Content> {
    fn into_output(self) -> Output {
        Output::content(self)
    }
}

impl IntoToolResult for CallToolResult {
    fn into_output(self) -> Output {
        let structured = self.structured_content.and_then(|value| serde_json::to_string(&value).ok());
        Output { structured, is_error: self.is_error, ..Output::content(self.content) }
    }
}

impl<T: IntoToolResult> IntoToolResult for Option<T> {
    fn into_output(self) -> Output {
        self.map_or_else(|| ().into_output(), T::into_output)
    }
}
