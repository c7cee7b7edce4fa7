//! The state of a recording: what a call found, and what it changed.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use mpp_host::sandbox::ObservedEntry;
use serde::{Deserialize, Serialize};

use super::bytes::RecordedBytes;
use super::secrets::Markers;

/// The state that a call used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedState {
    /// The time by which entries expired, in milliseconds since 1970.
    pub now_ms: u64,
    /// The entries that the call found.
    pub entries: Vec<StateItem>,
    /// What the call changed, sorted by key; empty if it failed, because its changes were rolled back.
    pub changes: Vec<StateChange>,
}

/// An entry of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StateItem {
    /// The key.
    pub key: RecordedBytes,
    /// The value.
    pub value: RecordedBytes,
    /// When it expires, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<i64>,
}

/// A change of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StateChange {
    /// The key.
    pub key: RecordedBytes,
    /// The new value; absent if the entry was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<RecordedBytes>,
    /// When it expires, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<i64>,
}

/// What an observer was told about the state.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) now: Option<SystemTime>,
    /// `None` if it was too large.
    pub(super) before: Option<Vec<ObservedEntry>>,
    /// The entries after the commit; `None` if there was none. The inner value is `None` if they were too large.
    pub(super) after: Option<Option<Vec<ObservedEntry>>>,
}

impl Seen {
    /// Returns the state; `None` if the call used none.
    pub(super) fn recorded(&self, markers: &Markers) -> Option<RecordedState> {
        let now = self.now?;
        let hide = |bytes: &[u8]| RecordedBytes::hidden(bytes, markers);
        let before = self.before.as_deref().unwrap_or_default();
        let item = |entry: &ObservedEntry| StateItem {
            key: hide(&entry.key),
            value: hide(&entry.value),
            expires_ms: entry.expires_ms,
        };
        Some(RecordedState {
            now_ms: milliseconds(now),
            entries: before.iter().map(item).collect(),
            changes: self.changes(markers),
        })
    }

    /// Returns what the call changed.
    pub(super) fn changes(&self, markers: &Markers) -> Vec<StateChange> {
        let (Some(before), Some(Some(after))) = (&self.before, &self.after) else { return Vec::new() };
        let by_key = |entries: &'_ [ObservedEntry]| -> BTreeMap<Vec<u8>, ObservedEntry> {
            entries.iter().map(|entry| (entry.key.clone(), entry.clone())).collect()
        };
        let (before, after) = (by_key(before), by_key(after));
        let hide = |bytes: &[u8]| RecordedBytes::hidden(bytes, markers);
        let written = after.values().filter(|entry| before.get(&entry.key) != Some(entry)).map(|entry| StateChange {
            key: hide(&entry.key),
            value: Some(hide(&entry.value)),
            expires_ms: entry.expires_ms,
        });
        let removed = before.keys().filter(|key| !after.contains_key(*key));
        let removed = removed.map(|key| StateChange { key: hide(key), value: None, expires_ms: None });
        let mut changes: Vec<StateChange> = written.chain(removed).collect();
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        changes
    }

    /// Returns whether the state was used and is not known in full.
    pub(super) fn is_incomplete(&self) -> bool {
        self.now.is_some() && (self.before.is_none() || self.after.as_ref().is_some_and(Option::is_none))
    }
}

impl RecordedState {
    pub(super) fn is_valid(&self) -> bool {
        let mut all = self.entries.iter().flat_map(|item| [&item.key, &item.value]);
        all.all(|bytes| bytes.to_bytes().is_some())
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
