//! Results: how a tool's return type travels to the caller.
//!
//! | return type | result |
//! |---|---|
//! | `String`, `&str`, `Cow<str>`, `Box<str>` | text in `content` |
//! | `()` | empty |
//! | [`Content`], [`ResourceLink`], [`Image`], [`Audio`], `Vec<Content>` | items of `content` |
//! | [`CallToolResult`] | as it is |
//! | `Option` of these | empty if it is `None` |
//! | any other type that is [`Serialize`] and [`JsonSchema`](schemars::JsonSchema) (see [`data`](crate::data)) | `structuredContent`; the type's schema is published as `returns` |
//! | `Result<T, E>` with `T` any of these and `E: Into<mpp::Error>` | that of `T`, or the error |
//!
//! ```
//! /// Count the words of a text.
//! #[mpp_sdk::tool]
//! fn count(text: &str) -> usize {
//!     text.split_whitespace().count()
//! }
//!
//! /// Reverse a text.
//! #[mpp_sdk::tool]
//! fn reverse(text: &str) -> Result<String, mpp_sdk::Error> {
//!     if text.is_empty() { Err("the text is empty".into()) } else { Ok(text.chars().rev().collect()) }
//! }
//! # fn main() {}
//! ```

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::{
    error::Error,
    failure::push_string,
    finite,
    media::{Audio, Image},
    wire::{CallToolResult, Content, ResourceLink},
};

/// The result of a call, ready to be written.
#[derive(Debug)]
pub struct Output {
    /// The items of `content` as JSON text, separated by commas.
    content: Vec<u8>,
    /// JSON text: the value is serialized once, and never becomes a tree.
    structured: Option<String>,
    /// JSON text.
    meta: Option<String>,
    is_error: bool,
}

impl Output {
    pub(crate) fn nothing() -> Self {
        Self { content: Vec::new(), structured: None, meta: None, is_error: false }
    }

    pub(crate) fn text(text: &str) -> Self {
        let mut content = b"{\"type\":\"text\",\"text\":".to_vec();
        push_string(&mut content, text);
        content.push(b'}');
        Self { content, ..Self::nothing() }
    }

    pub(crate) fn content(content: &[Content]) -> Self {
        let mut json = Vec::new();
        for item in content {
            if !json.is_empty() {
                json.push(b',');
            }
            // Items consist of text and JSON values, which always serialize.
            let _ = serde_json::to_writer(&mut json, item);
        }
        Self { content: json, ..Self::nothing() }
    }

    pub(crate) fn structured(value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        match serde_json::to_string(value) {
            // serde_json writes `null` for a number that JSON cannot express.
            Ok(json) if json.as_bytes().windows(4).any(|window| window == b"null") => match finite::find(value) {
                Some((pointer, number)) => {
                    let place = if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") };
                    Err(not_json(&format!("the number{place} is {number}, and JSON has finite numbers only")))
                }
                None => Ok(Self { structured: Some(json), ..Self::nothing() }),
            },
            Ok(json) => Ok(Self { structured: Some(json), ..Self::nothing() }),
            Err(error) => Err(not_json(&error.to_string())),
        }
    }

    pub(crate) fn structured_value(&self) -> Option<Value> {
        serde_json::from_str(self.structured.as_deref()?).ok()
    }

    /// Appends the result as a `CallToolResult`.
    pub(crate) fn write(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(b"{\"content\":[");
        line.extend_from_slice(&self.content);
        line.push(b']');
        if let Some(json) = &self.structured {
            line.extend_from_slice(b",\"structuredContent\":");
            line.extend_from_slice(json.as_bytes());
        }
        if let Some(meta) = &self.meta {
            line.extend_from_slice(b",\"_meta\":");
            line.extend_from_slice(meta.as_bytes());
        }
        line.extend_from_slice(if self.is_error { b",\"isError\":true}" } else { b",\"isError\":false}" });
    }
}

#[inline(never)]
fn not_json(reason: &str) -> Error {
    Error::new("result_not_json", format!("the tool's result cannot be serialized as JSON: {reason}"))
}

/// A return type that is not serialized: text, media, or nothing.
pub trait IntoToolResult {
    /// Converts the value into the result of the call.
    fn into_output(self) -> Output;
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_output(self) -> Output {
                Output::text(&self)
            }
        }
    )*};
}
text!(String, &str, Cow<'_, str>, Box<str>);

macro_rules! media {
    ($($type:ty),*) => {$(
        impl IntoToolResult for $type {
            fn into_output(self) -> Output {
                Output::content(&[self.into()])
            }
        }
    )*};
}
media!(Content, ResourceLink, Image, Audio);

impl IntoToolResult for () {
    fn into_output(self) -> Output {
        Output::nothing()
    }
}

impl IntoToolResult for Vec<Content> {
    fn into_output(self) -> Output {
        Output::content(&self)
    }
}

impl IntoToolResult for CallToolResult {
    fn into_output(self) -> Output {
        let structured = self.structured_content.and_then(|value| serde_json::to_string(&value).ok());
        let meta = self.meta.and_then(|meta| serde_json::to_string(&meta).ok());
        Output { structured, meta, is_error: self.is_error, ..Output::content(&self.content) }
    }
}

impl<T: IntoToolResult> IntoToolResult for Option<T> {
    fn into_output(self) -> Output {
        self.map_or_else(|| ().into_output(), T::into_output)
    }
}
