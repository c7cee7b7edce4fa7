//! Everything that leaves a call goes through here: the privacy filter, item by item, with one report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_sdk::wire::{Content, ErrorKind, RpcError};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::output::{CallOutcome, CallReport, UnfilteredMedia};
use crate::privacy::{PrivacyFilter, Secrets, UNREADABLE};
use crate::sandbox::response::RawCallResult;

/// Characters of a tool's text that a message of the host's quotes.
const LONGEST_QUOTE: usize = 120;

/// A filter, the secrets of one grant, and the report of one call.
pub(super) struct Sieve<'a> {
    filter: &'a PrivacyFilter,
    secrets: &'a Secrets,
    pub(super) report: CallReport,
}

impl<'a> Sieve<'a> {
    pub(super) fn new(filter: &'a PrivacyFilter, secrets: &'a Secrets) -> Self {
        Self { filter, secrets, report: CallReport::default() }
    }

    /// Text of the tool's for a message of the host's: filtered, then escaped and cut.
    pub(super) fn quote(&self, text: &str) -> String {
        let filtered = self.filter.filter_text(text, self.secrets).value;
        let mut quoted: String = filtered.chars().take(LONGEST_QUOTE).flat_map(char::escape_debug).collect();
        if filtered.chars().nth(LONGEST_QUOTE).is_some() {
            quoted.push('…');
        }
        // What was meant to be read by people needs no escaped quotes.
        quoted.replace("\\\"", "\"").replace("\\'", "'")
    }

    /// A name of the tool's choosing for the report: filtered.
    pub(super) fn name(&self, name: &str) -> String {
        self.filter.filter_text(name, self.secrets).value
    }

    pub(super) fn result(&mut self, raw: RawCallResult<'_>) -> CallOutcome {
        let content = raw.content.into_iter().enumerate();
        CallOutcome {
            content: content.map(|(index, item)| self.item(&format!("/content/{index}"), item)).collect(),
            structured: raw.structured.map(|json| self.json("", json)),
            is_error: raw.is_error,
        }
    }

    pub(super) fn error(&mut self, mut error: RpcError) -> RpcError {
        error.message = self.text("/message", &error.message);
        // These hold numbers of the host's, which mean themselves; names of functions are the tool's.
        if matches!(error.kind(), Some(ErrorKind::Timeout | ErrorKind::MemoryLimit | ErrorKind::OutputLimit)) {
            if let Some(backtrace) = error.data.remove("backtrace") {
                error.data.extend(self.data(Map::from_iter([("backtrace".to_owned(), backtrace)])));
            }
        } else {
            let data = std::mem::take(&mut error.data);
            error.data = self.data(data);
        }
        error
    }

    fn data(&mut self, data: Map<String, Value>) -> Map<String, Value> {
        let filtered = self.filter.filter_json(&Value::Object(data).to_string(), self.secrets, "/data");
        self.report.redactions.merge("", filtered.report);
        serde_json::from_str(&filtered.value).unwrap_or_else(|_| Map::new())
    }

    pub(super) fn log(&mut self, log: &str) -> String {
        let filtered = self.filter.filter_text(log, self.secrets);
        self.report.log_redactions = filtered.report;
        filtered.value
    }

    fn json(&mut self, at: &str, json: &RawValue) -> Box<RawValue> {
        let filtered = self.filter.filter_json(json.get(), self.secrets, at);
        self.report.redactions.merge("", filtered.report);
        RawValue::from_string(filtered.value).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }

    fn text(&mut self, at: &str, text: &str) -> String {
        let filtered = self.filter.filter_text(text, self.secrets);
        self.report.redactions.merge(at, filtered.report);
        filtered.value
    }

    fn item(&mut self, at: &str, item: Content) -> Content {
        match item {
            Content::Text { text } => Content::Text { text: self.text(&format!("{at}/text"), &text) },
            Content::Image { data, mime_type } => {
                let (data, mime_type) = self.media(at, &data, mime_type);
                Content::Image { data, mime_type }
            }
            Content::Audio { data, mime_type } => {
                let (data, mime_type) = self.media(at, &data, mime_type);
                Content::Audio { data, mime_type }
            }
            Content::ResourceLink { uri, name, description, mime_type } => Content::ResourceLink {
                uri: self.text(&format!("{at}/uri"), &uri),
                name: self.text(&format!("{at}/name"), &name),
                description: description.map(|text| self.text(&format!("{at}/description"), &text)),
                mime_type: mime_type.map(|text| self.text(&format!("{at}/mimeType"), &text)),
            },
            Content::Resource { resource } => Content::Resource { resource: self.resource(at, resource) },
        }
    }

    /// `blob` by its media type, everything else as JSON.
    fn resource(&mut self, at: &str, resource: Value) -> Value {
        let Value::Object(mut members) = resource else {
            return Value::from(format!("[REDACTED:{UNREADABLE}]"));
        };
        let blob = members.remove("blob");
        let mime_type = members.get("mimeType").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let pointer = format!("{at}/resource");
        let filtered = self.filter.filter_json(&Value::Object(members).to_string(), self.secrets, &pointer);
        self.report.redactions.merge("", filtered.report);
        let mut value: Value = serde_json::from_str(&filtered.value).unwrap_or(Value::Null);
        if let (Some(members), Some(blob)) = (value.as_object_mut(), blob) {
            let (blob, _) = self.media(&pointer, blob.as_str().unwrap_or_default(), mime_type);
            members.insert("blob".to_owned(), blob.into());
        }
        value
    }

    /// Text types are read and filtered, others are reported.
    fn media(&mut self, at: &str, data: &str, mime_type: String) -> (String, String) {
        let mime_type = self.text(&format!("{at}/mimeType"), &mime_type);
        let data: String = data.split_ascii_whitespace().collect();
        if !is_text(&mime_type) {
            self.report.unfiltered_media.push(UnfilteredMedia { pointer: at.to_owned(), mime_type: mime_type.clone() });
            // Re-encoded, so that what is called base64 is base64 and nothing else.
            let bytes = STANDARD.decode(&data).unwrap_or_default();
            return (STANDARD.encode(bytes), mime_type);
        }
        let text = STANDARD.decode(&data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let filtered = match text {
            Some(text) => self.text(&format!("{at}/data"), &text),
            None => format!("[REDACTED:{UNREADABLE}]"),
        };
        (STANDARD.encode(filtered), mime_type)
    }
}

/// Whether a media type is text that the filter can read.
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
    fn text_types_are_recognised_whatever_their_parameters() {
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
