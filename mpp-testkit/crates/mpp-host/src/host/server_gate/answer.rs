//! Reads and filters the result of a server's tool, member by member, so that numbers keep every digit and nothing is lost.

use std::fmt;

use mpp_sdk::wire::{Content, ErrorKind, ResourceBody, RpcError};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::host::output_filter::OutputFilter;

/// The filtered result of a server's tool. Every member is JSON text.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ServerAnswer {
    /// Items of the result, in MCP's shape.
    pub content: Vec<Box<RawValue>>,
    /// The structured result, any JSON value.
    pub structured: Option<Box<RawValue>>,
    /// Whether the tool reports that the call failed.
    pub is_error: bool,
    /// MCP's `_meta`.
    pub meta: Option<Box<RawValue>>,
    /// Members that MCP does not define, in the server's order.
    pub extra: Vec<(String, Box<RawValue>)>,
}

/// Returns the members of a JSON object in their order, each value as text.
///
/// # Errors
/// Returns an error if the text is not a JSON object, or if a member appears twice.
///
/// ```
/// let members = mpp_host::host::members(r#"{"b":1.50,"a":{"x":null}}"#)?;
/// assert_eq!((members[0].0.as_str(), members[0].1.get()), ("b", "1.50"));
/// assert_eq!(members[1].1.get(), r#"{"x":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn members(json: &str) -> Result<Vec<(String, Box<RawValue>)>, serde_json::Error> {
    struct Members(Vec<(String, Box<RawValue>)>);

    struct InOrder;

    impl<'de> Visitor<'de> for InOrder {
        type Value = Members;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
            let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                if members.iter().any(|(known, _)| *known == name) {
                    return Err(A::Error::custom(format_args!("the member `{}` appears twice", name.escape_debug())));
                }
                members.push((name, value));
            }
            Ok(Members(members))
        }
    }

    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(InOrder)
        }
    }

    serde_json::from_str::<Members>(json).map(|members| members.0)
}

/// Reads a `CallToolResult` and filters it.
pub(super) fn read(result: &str, filter: &mut OutputFilter<'_>) -> Result<ServerAnswer, RpcError> {
    let invalid = |error: serde_json::Error| invalid(format!("the result is not that of a tool: {error}"));
    let mut answer = ServerAnswer::default();
    for (name, value) in members(result).map_err(invalid)? {
        match name.as_str() {
            "content" => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(value.get()).map_err(invalid)?;
                let filtered = items.iter().enumerate().map(|(index, item)| filter_item(index, item, filter));
                answer.content = filtered.collect();
            }
            "isError" => answer.is_error = serde_json::from_str(value.get()).map_err(invalid)?,
            // Servers that write every field write `null` for what they do not have.
            "structuredContent" | "_meta" if value.get() == "null" => {}
            "structuredContent" => answer.structured = Some(filter.json("", &value)),
            "_meta" => answer.meta = Some(filter.json("/_meta", &value)),
            "resultType" => match serde_json::from_str::<String>(value.get()).map_err(invalid)?.as_str() {
                "complete" => {}
                other => {
                    let message = format!("the server did not answer the call but returned the type `{other}`");
                    return Err(self::invalid(message));
                }
            },
            other => {
                let filtered = filter.json(&format!("/{other}"), &value);
                answer.extra.push((filter.name(other), filtered));
            }
        }
    }
    Ok(answer)
}

/// Filters an item of `content`: media by its type, everything else as JSON.
fn filter_item(index: usize, item: &RawValue, filter: &mut OutputFilter<'_>) -> Box<RawValue> {
    let at = format!("/content/{index}");
    let media = serde_json::from_str::<Content>(item.get()).ok().filter(has_media);
    let Some(media) = media else { return filter.json(&at, item) };
    let filtered = filter.item(&at, media);
    serde_json::value::to_raw_value(&filtered).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn has_media(item: &Content) -> bool {
    match item {
        Content::Image(_) | Content::Audio(_) => true,
        Content::Resource(item) => matches!(item.resource.body, ResourceBody::Blob(_)),
        Content::Other(members) => members.contains_key("mimeType"),
        _ => false,
    }
}

fn invalid(message: String) -> RpcError {
    RpcError::new(ErrorKind::InvalidResponse, message)
}
