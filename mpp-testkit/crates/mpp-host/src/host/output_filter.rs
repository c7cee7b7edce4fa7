//! Applies the privacy filter to everything that leaves a call, item by item, with one report.

mod content;

use mpp_sdk::wire::{ErrorKind, RpcError};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::output::{CallOutcome, CallReport};
use crate::privacy::{Examined, Filtered, PrivacyFilter, Secrets};
use crate::sandbox::response::RawCallResult;

/// A `structuredContent` that was filtered before it was checked. It is not part of the output or the report yet.
pub(super) type ExaminedJson = Filtered<Examined>;

/// Maximum length of a quote of the tool's text in a host message, in characters.
const LONGEST_QUOTE: usize = 120;

/// A filter, the secrets of one grant, and the report of one call.
pub(super) struct OutputFilter<'a> {
    filter: &'a PrivacyFilter,
    secrets: &'a Secrets,
    pub(super) report: CallReport,
}

impl<'a> OutputFilter<'a> {
    pub(super) fn new(filter: &'a PrivacyFilter, secrets: &'a Secrets) -> Self {
        Self { filter, secrets, report: CallReport::default() }
    }

    /// Returns a tool's text for quoting in a host message: filtered, then truncated and escaped.
    pub(super) fn quote(&self, text: &str) -> String {
        let filtered = self.filter.filter_text(text, self.secrets).value;
        let mut quoted: String = filtered.chars().take(LONGEST_QUOTE).flat_map(char::escape_debug).collect();
        if filtered.chars().nth(LONGEST_QUOTE).is_some() {
            quoted.push('…');
        }
        // People read the message, and escaped quotes would only make it harder to read.
        quoted.replace("\\\"", "\"").replace("\\'", "'")
    }

    /// Filters a name that the tool chose, for the report.
    pub(super) fn name(&self, name: &str) -> String {
        self.filter.filter_text(name, self.secrets).value
    }

    /// Filters `structuredContent`, and finds out whether a strict parser accepts it.
    pub(super) fn examine(&self, json: &RawValue) -> ExaminedJson {
        self.filter.examine(json.get(), self.secrets, "")
    }

    /// Filters a result whose `structuredContent` was examined before.
    pub(super) fn result(&mut self, raw: RawCallResult<'_>, structured: Option<ExaminedJson>) -> CallOutcome {
        let content = raw.content.into_iter().enumerate();
        CallOutcome {
            content: content.map(|(index, item)| self.item(&format!("/content/{index}"), item)).collect(),
            structured: raw.structured.zip(structured).map(|(json, examined)| self.examined(json, examined)),
            meta: raw.meta.map(|json| self.json("/_meta", json)),
            is_error: raw.is_error,
        }
    }

    pub(super) fn error(&mut self, mut error: RpcError) -> RpcError {
        error.message = self.text("/message", &error.message);
        // The data of these errors holds the host's own numbers, which must not be filtered. Only the names of functions in
        // the backtrace come from the tool.
        if matches!(error.kind(), Some(ErrorKind::Timeout | ErrorKind::MemoryLimit | ErrorKind::OutputLimit)) {
            if let Some(backtrace) = error.data.shift_remove("backtrace") {
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

    pub(super) fn json(&mut self, at: &str, json: &RawValue) -> Box<RawValue> {
        let examined = self.filter.examine(json.get(), self.secrets, at);
        self.examined(json, examined)
    }

    /// Adds what was redacted to the report, and returns the filtered text of `json`.
    fn examined(&mut self, json: &RawValue, examined: ExaminedJson) -> Box<RawValue> {
        self.report.redactions.merge("", examined.report);
        match examined.value.changed {
            None => json.to_owned(),
            Some(text) => RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        }
    }

    fn text(&mut self, at: &str, text: &str) -> String {
        let filtered = self.filter.filter_text(text, self.secrets);
        self.report.redactions.merge(at, filtered.report);
        filtered.value
    }
}
