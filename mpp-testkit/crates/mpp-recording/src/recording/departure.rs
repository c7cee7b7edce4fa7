//! Where a repeated call differs from its recording.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::document::{FileChange, FileContent, RecordedPath};
use super::http::RecordedExchange;
use super::secrets::Markers;
use super::state::StateChange;
use crate::difference;
use crate::line_diff;

/// One place at which a repeated call differs from its recording. The values of variables are not in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Departure {
    /// The outcome differs at a JSON pointer.
    #[non_exhaustive]
    Outcome {
        /// The pointer: `/result/…` or `/error/…`.
        pointer: String,
        /// The recorded value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
        /// The new value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<Value>,
    },
    /// The log differs.
    #[non_exhaustive]
    Log {
        /// The lines that differ.
        difference: String,
    },
    /// A request differs.
    #[non_exhaustive]
    Request {
        /// Position of the request in the call, from 1; that in the recording if it was not sent.
        number: usize,
        /// Its method and URL.
        request: String,
        /// What differs.
        #[serde(flatten)]
        part: RequestPart,
    },
    /// A change of the state differs.
    #[non_exhaustive]
    State {
        /// The key.
        key: String,
        /// The recorded change; absent if the recorded call did not change the entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<String>,
        /// The new change; absent if the call did not change the entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<String>,
    },
    /// A change of a file differs.
    #[non_exhaustive]
    File {
        /// The path as the tool sees it.
        path: String,
        /// The recorded contents; absent if the recorded call did not change the file.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<String>,
        /// The new contents; absent if the call did not change the file.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<String>,
    },
}

/// What differs in a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "part", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestPart {
    /// The recording has no such request, so it had no answer.
    NotRecorded,
    /// The recorded call sent it, and this one did not.
    NotSent,
    /// It was sent after a request that followed it in the recording.
    Order,
    /// A header differs.
    #[non_exhaustive]
    Header {
        /// The name.
        name: String,
        /// The recorded values.
        expected: Vec<String>,
        /// The new values.
        found: Vec<String>,
    },
    /// The body differs.
    #[non_exhaustive]
    Body {
        /// JSON pointer to the place, if both bodies are JSON.
        #[serde(skip_serializing_if = "Option::is_none")]
        pointer: Option<String>,
        /// The recorded value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
        /// The new value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<Value>,
    },
}

/// Compares two outcomes in JSON text. Backtraces are not compared: they hold places in the code of a build.
pub(super) fn of_outcome(expected: &str, found: &str, markers: &Markers) -> Vec<Departure> {
    if expected == found {
        return Vec::new();
    }
    let value = |text: &str| {
        let mut value: Value = serde_json::from_str(&markers.shown(text)).unwrap_or_else(|_| Value::from(text));
        let data = value.pointer_mut("/error/data").and_then(Value::as_object_mut);
        let had_backtrace = data.is_some_and(|data| data.shift_remove("backtrace").is_some());
        (value, had_backtrace)
    };
    let ((expected, has_backtrace), (found, _)) = (value(expected), value(found));
    let found_at: Vec<Departure> = difference::compare("", &expected, &found)
        .into_iter()
        .map(|place| Departure::Outcome { pointer: place.pointer, expected: place.expected, found: place.found })
        .collect();
    if found_at.is_empty() && !has_backtrace {
        // The same values, written differently: `1` and `1.0`, or members in another order.
        return vec![Departure::Outcome { pointer: String::new(), expected: Some(expected), found: Some(found) }];
    }
    found_at
}

pub(super) fn of_log(expected: &str, found: &str, markers: &Markers) -> Option<Departure> {
    (expected != found)
        .then(|| Departure::Log { difference: line_diff::diff(&markers.shown(expected), &markers.shown(found)) })
}

/// Compares a request that was sent with the recorded one that answered it.
pub(super) fn of_request(
    number: usize,
    expected: &RecordedExchange,
    found: &RecordedExchange,
    markers: &Markers,
) -> Vec<Departure> {
    let request = markers.shown(&found.line());
    let depart = |part| Departure::Request { number, request: request.clone(), part };
    let names: BTreeSet<&str> = expected.headers.iter().chain(&found.headers).map(|(name, _)| name.as_str()).collect();
    let mut all = Vec::new();
    for name in names {
        let values = |exchange: &RecordedExchange| -> Vec<String> {
            let named = exchange.headers.iter().filter(|(known, _)| known == name);
            named.map(|(_, value)| markers.shown(value)).collect()
        };
        let (old, new) = (values(expected), values(found));
        // The host's own name changes with its release.
        let is_of_host = |values: &[String]| matches!(values, [value] if value.starts_with("mpp/"));
        let is_release = name == "user-agent" && is_of_host(&old) && is_of_host(&new);
        if old != new && !is_release && name != "content-length" {
            all.push(depart(RequestPart::Header { name: name.to_owned(), expected: old, found: new }));
        }
    }
    if expected.body != found.body {
        let texts = [&expected.body, &found.body].map(|body| markers.shown(&body.shown()));
        let values = texts.each_ref().map(|text| serde_json::from_str::<Value>(text).ok());
        let places = match &values {
            [Some(old), Some(new)] => difference::compare("", old, new),
            _ => Vec::new(),
        };
        for place in &places {
            let pointer = Some(place.pointer.clone());
            let (expected, found) = (place.expected.clone(), place.found.clone());
            all.push(depart(RequestPart::Body { pointer, expected, found }));
        }
        if places.is_empty() {
            let [expected, found] = texts.map(|text| Some(Value::from(text)));
            all.push(depart(RequestPart::Body { pointer: None, expected, found }));
        }
    }
    all
}

pub(super) fn of_state(expected: &[StateChange], found: &[StateChange], markers: &Markers) -> Vec<Departure> {
    let described = |changes: &[StateChange]| -> BTreeMap<String, String> {
        let of = |change: &StateChange| (markers.shown(&change.key.shown()), change_in_words(change, markers));
        changes.iter().map(of).collect()
    };
    compared(described(expected), described(found), |key, expected, found| Departure::State { key, expected, found })
}

fn change_in_words(change: &StateChange, markers: &Markers) -> String {
    let Some(value) = &change.value else { return "(removed)".to_owned() };
    let expiry = change.expires_ms.map(|at| format!(" (expires at {at} ms)")).unwrap_or_default();
    markers.shown(&value.shown()) + &expiry
}

/// Compares the changes of all writable paths; `found` is a list of declared paths with their changes.
pub(super) fn of_files(
    expected: &[RecordedPath],
    found: &[(String, Vec<FileChange>)],
    markers: &Markers,
) -> Vec<Departure> {
    let described = |path: &str, changes: &[FileChange]| -> Vec<(String, String)> {
        let full = |change: &FileChange| match change.path.as_str() {
            "" => path.to_owned(),
            below => format!("{}/{below}", path.trim_end_matches('/')),
        };
        changes.iter().map(|change| (full(change), content_in_words(change.content.as_ref(), markers))).collect()
    };
    let old = expected.iter().flat_map(|path| described(&path.path, &path.changes)).collect();
    let new = found.iter().flat_map(|(path, changes)| described(path, changes)).collect();
    compared(old, new, |path, expected, found| Departure::File { path, expected, found })
}

fn content_in_words(content: Option<&FileContent>, markers: &Markers) -> String {
    match content {
        None => "(removed)".to_owned(),
        Some(FileContent::Directory) => "(a directory)".to_owned(),
        Some(FileContent::Link(target)) => format!("(a link to {target})"),
        Some(FileContent::File(bytes)) => markers.shown(&bytes.shown()),
    }
}

fn compared(
    expected: BTreeMap<String, String>,
    found: BTreeMap<String, String>,
    departure: impl Fn(String, Option<String>, Option<String>) -> Departure,
) -> Vec<Departure> {
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differ = keys.into_iter().filter(|key| expected.get(*key) != found.get(*key));
    differ.map(|key| departure(key.clone(), expected.get(key).cloned(), found.get(key).cloned())).collect()
}
