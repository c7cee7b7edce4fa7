//! Filters the items of `content`: every string in them, and media according to its type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_sdk::wire::{Annotations, Content, Icon, ResourceBody, ResourceContents, Role};
use serde_json::{Map, Value};

use super::OutputFilter;
use crate::host::output::UnfilteredMedia;
use crate::privacy::UNREADABLE;

type Members = Map<String, Value>;

impl OutputFilter<'_> {
    /// Filters one item. Member names that MCP defines are kept; all other names and all values are filtered.
    pub(in crate::host) fn item(&mut self, at: &str, item: Content) -> Content {
        match item {
            Content::Text(mut item) => {
                self.string(at, "text", &mut item.text);
                self.common(at, &mut item.annotations, &mut item.meta, &mut item.extra);
                Content::Text(item)
            }
            Content::Image(mut item) => {
                self.string(at, "mimeType", &mut item.mime_type);
                self.media(at, "data", &mut item.data, &item.mime_type);
                self.common(at, &mut item.annotations, &mut item.meta, &mut item.extra);
                Content::Image(item)
            }
            Content::Audio(mut item) => {
                self.string(at, "mimeType", &mut item.mime_type);
                self.media(at, "data", &mut item.data, &item.mime_type);
                self.common(at, &mut item.annotations, &mut item.meta, &mut item.extra);
                Content::Audio(item)
            }
            Content::ResourceLink(mut item) => {
                self.string(at, "uri", &mut item.uri);
                self.string(at, "name", &mut item.name);
                self.optional(at, "title", &mut item.title);
                self.optional(at, "description", &mut item.description);
                self.optional(at, "mimeType", &mut item.mime_type);
                self.number(at, "size", &mut item.size);
                for (index, icon) in item.icons.iter_mut().enumerate() {
                    self.icon(&format!("{at}/icons/{index}"), icon);
                }
                self.common(at, &mut item.annotations, &mut item.meta, &mut item.extra);
                Content::ResourceLink(item)
            }
            Content::Resource(mut item) => {
                self.resource(&format!("{at}/resource"), &mut item.resource);
                self.common(at, &mut item.annotations, &mut item.meta, &mut item.extra);
                Content::Resource(item)
            }
            Content::Other(mut members) => {
                self.members(at, &mut members);
                Content::Other(members)
            }
            // An item of a kind that this host does not know must not be passed on unfiltered.
            _ => Content::text(format!("[REDACTED:{UNREADABLE}]")),
        }
    }

    fn common(
        &mut self,
        at: &str,
        annotations: &mut Option<Annotations>,
        meta: &mut Option<Members>,
        extra: &mut Members,
    ) {
        if let Some(annotations) = annotations {
            self.annotations(&format!("{at}/annotations"), annotations);
        }
        if let Some(meta) = meta {
            self.members(&format!("{at}/_meta"), meta);
        }
        self.members(at, extra);
    }

    fn annotations(&mut self, at: &str, annotations: &mut Annotations) {
        for (index, role) in annotations.audience.iter_mut().enumerate() {
            if let Role::Other(name) = role {
                self.string(at, &format!("audience/{index}"), name);
            }
        }
        self.number(at, "priority", &mut annotations.priority);
        self.optional(at, "lastModified", &mut annotations.last_modified);
        self.members(at, &mut annotations.extra);
    }

    fn icon(&mut self, at: &str, icon: &mut Icon) {
        self.string(at, "src", &mut icon.src);
        self.optional(at, "mimeType", &mut icon.mime_type);
        for (index, size) in icon.sizes.iter_mut().enumerate() {
            self.string(at, &format!("sizes/{index}"), size);
        }
        self.optional(at, "theme", &mut icon.theme);
        self.members(at, &mut icon.extra);
    }

    fn resource(&mut self, at: &str, resource: &mut ResourceContents) {
        self.string(at, "uri", &mut resource.uri);
        self.optional(at, "mimeType", &mut resource.mime_type);
        match &mut resource.body {
            ResourceBody::Text(text) => self.string(at, "text", text),
            ResourceBody::Blob(blob) => {
                self.media(at, "blob", blob, resource.mime_type.as_deref().unwrap_or("unknown"));
            }
        }
        if let Some(meta) = &mut resource.meta {
            self.members(&format!("{at}/_meta"), meta);
        }
        self.members(at, &mut resource.extra);
    }

    /// Filters the names and values of members that have no typed field. Media among them is treated as in a known kind.
    fn members(&mut self, at: &str, members: &mut Members) {
        if members.is_empty() {
            return;
        }
        let mut media = Vec::new();
        if members.get("mimeType").is_some_and(Value::is_string) {
            for name in ["data", "blob"] {
                if members.get(name).is_some_and(Value::is_string)
                    && let Some(Value::String(data)) = members.shift_remove(name)
                {
                    media.push((name, data));
                }
            }
        }
        let filtered = self.filter.filter_json(&Value::Object(std::mem::take(members)).to_string(), self.secrets, at);
        self.report.redactions.merge("", filtered.report);
        *members = serde_json::from_str(&filtered.value).unwrap_or_default();
        let mime_type = members.get("mimeType").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        for (name, mut data) in media {
            self.media(at, name, &mut data, &mime_type);
            members.insert(name.to_owned(), data.into());
        }
    }

    fn string(&mut self, at: &str, name: &str, value: &mut String) {
        *value = self.text(&format!("{at}/{name}"), value);
    }

    fn optional(&mut self, at: &str, name: &str, value: &mut Option<String>) {
        if let Some(value) = value {
            self.string(at, name, value);
        }
    }

    /// Filters a number. A number that matches a pattern is removed, because its type cannot hold a redaction marker.
    fn number<N: Copy + ToString>(&mut self, at: &str, name: &str, value: &mut Option<N>) {
        let Some(number) = value.map(|number| number.to_string()) else { return };
        let filtered = self.filter.filter_json(&number, self.secrets, &format!("{at}/{name}"));
        self.report.redactions.merge("", filtered.report);
        if filtered.value != number {
            *value = None;
        }
    }

    /// Filters base64 data of a text type. Media of other types is reported and passed on.
    fn media(&mut self, at: &str, name: &str, data: &mut String, mime_type: &str) {
        let base64: String = data.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(base64);
        if !is_text(mime_type) {
            self.report
                .unfiltered_media
                .push(UnfilteredMedia { pointer: at.to_owned(), mime_type: mime_type.to_owned() });
            // Decoding and encoding again ensures that the data really is base64.
            *data = STANDARD.encode(bytes.unwrap_or_default());
            return;
        }
        let filtered = match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => self.text(&format!("{at}/{name}"), &text),
            None => format!("[REDACTED:{UNREADABLE}]"),
        };
        *data = STANDARD.encode(filtered);
    }
}

/// Returns whether a media type is text that the filter can read.
fn is_text(mime_type: &str) -> bool {
    let essence = mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_application = |name: &str| essence.strip_prefix("application/").is_some_and(|rest| rest == name);
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || ["json", "xml", "javascript", "yaml", "toml", "sql", "x-ndjson", "ld+json", "rtf"]
            .into_iter()
            .any(is_application)
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn recognizes_text_types_with_and_without_parameters() {
        for text in
            ["text/csv", "TEXT/plain; charset=utf-8", "image/svg+xml", "application/json", "application/vnd.x+json"]
        {
            assert!(is_text(text), "{text}");
        }
        for other in ["image/png", "application/octet-stream", "audio/wav", ""] {
            assert!(!is_text(other), "{other}");
        }
    }
}
