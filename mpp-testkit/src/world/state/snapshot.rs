//! The state of a tool at one moment, and the differences between two.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use mpp_host::clock::rfc3339;
use mpp_host::sandbox::kv::{State, StateError};
use mpp_recording::line_diff;
use serde_json::Value;

use crate::assert::changes;
use crate::failure::{block, fail};
use crate::world::state::value::KvValue;

/// Number of characters of a value that `Display` shows.
const SHOWN: usize = 200;

/// The entries of a tool's state at one moment, sorted by key: [`Tool::kv`](crate::Tool::kv). `Display` shows one entry per
/// line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvSnapshot {
    entries: BTreeMap<Vec<u8>, KvEntry>,
    now: SystemTime,
}

/// An entry of a tool's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvEntry {
    /// The value.
    pub value: KvValue,
    /// When the entry expires; `None` where it has no expiry.
    pub expires: Option<SystemTime>,
}

/// The differences between two snapshots: [`KvSnapshot::diff`]. `Display` shows one entry per line: `+` is new, `-` was
/// removed, `~` has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct KvDiff {
    /// Entries that are new.
    pub added: BTreeMap<Vec<u8>, KvEntry>,
    /// Entries that were removed.
    pub removed: BTreeMap<Vec<u8>, KvEntry>,
    /// Entries whose value or expiry has changed: before and after.
    pub changed: BTreeMap<Vec<u8>, (KvEntry, KvEntry)>,
}

impl KvSnapshot {
    pub(crate) fn read(state: &State) -> Result<Self, StateError> {
        let mut entries = BTreeMap::new();
        state.for_each(|entry| {
            let value = KvValue::from(entry.value);
            entries.insert(entry.key.to_vec(), KvEntry { value, expires: entry.expires });
        })?;
        Ok(Self { entries, now: state.now() })
    }

    /// Returns the entry of a key.
    #[must_use]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&KvEntry> {
        self.entries.get(key.as_ref())
    }

    /// Returns all entries, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &KvEntry)> {
        self.entries.iter().map(|(key, entry)| (key.as_slice(), entry))
    }

    /// Returns all keys as text, with bytes escaped that are not text.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.entries.keys().map(|key| shown(key)).collect()
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the size of all keys and values in bytes, as `max_bytes` counts it.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|(key, entry)| (key.len() + entry.value.bytes().len()) as u64).sum()
    }

    /// Returns when the snapshot was taken, by the clock that entries expire by.
    #[must_use]
    pub fn taken_at(&self) -> SystemTime {
        self.now
    }

    /// Compares the snapshot with a later one.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// let before = tool.kv();
    /// tool.call("add", json!({ "text": "tea" }));
    /// let diff = before.diff(&tool.kv());
    /// diff.assert_changes(["+ last_id = 1", r#"+ note/0000000001 = {"id":1,"text":"tea"}"#]);
    /// ```
    #[must_use]
    pub fn diff(&self, after: &Self) -> KvDiff {
        let mut diff = KvDiff::default();
        for (key, entry) in &self.entries {
            match after.entries.get(key) {
                None => drop(diff.removed.insert(key.clone(), entry.clone())),
                Some(other) if other != entry => {
                    diff.changed.insert(key.clone(), (entry.clone(), other.clone()));
                }
                Some(_) => {}
            }
        }
        let new = after.entries.iter().filter(|(key, _)| !self.entries.contains_key(*key));
        diff.added = new.map(|(key, entry)| (key.clone(), entry.clone())).collect();
        diff
    }
}

impl KvSnapshot {
    /// Asserts the value of an entry: its JSON value where it is JSON, otherwise its text.
    ///
    /// ```no_run
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.kv().assert("last_id", 7).assert("title", "tea");
    /// ```
    ///
    /// # Panics
    /// Panics if the value differs, or there is no such key.
    #[track_caller]
    pub fn assert(&self, key: impl AsRef<[u8]>, expected: impl Into<Value>) -> &Self {
        let (key, expected) = (key.as_ref(), expected.into());
        let shown = shown(key);
        let Some(entry) = self.get(key) else {
            fail(format_args!("the state has no key `{shown}`{}", block("the state:", &self.to_string())), "")
        };
        let found = entry.value.json();
        if found != expected {
            let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
            let difference = line_diff::diff(&pretty(&expected), &pretty(&found));
            fail(format_args!("the value of `{shown}` in the state is not as expected\n{difference}"), "")
        }
        self
    }
}

impl KvEntry {
    /// Returns how long after `now` the entry expires; `None` where it has no expiry.
    #[must_use]
    pub fn time_left(&self, now: SystemTime) -> Option<Duration> {
        self.expires.map(|expires| expires.duration_since(now).unwrap_or_default())
    }
}

impl KvDiff {
    /// Returns whether there are no differences.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// Asserts that these are all changes, in any order, as `Display` shows them: `+ key = value`, `- key = value`,
    /// `~ key = before → after`.
    ///
    /// # Panics
    /// Panics if the changes are others.
    #[track_caller]
    pub fn assert_changes<T: AsRef<str>>(&self, expected: impl IntoIterator<Item = T>) -> &Self {
        changes::assert("the state", &self.lines(), expected);
        self
    }

    /// Asserts that nothing has changed.
    ///
    /// # Panics
    /// Panics if something has changed.
    #[track_caller]
    pub fn assert_empty(&self) -> &Self {
        self.assert_changes([""; 0])
    }
}

impl fmt::Display for KvSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("(empty)");
        }
        let lines: Vec<String> = self.entries.iter().map(|(key, entry)| format!("{} = {entry}", shown(key))).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for KvDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() { f.write_str("(no changes)") } else { f.write_str(&self.lines().join("\n")) }
    }
}

impl KvDiff {
    /// Returns one line per change, sorted by key.
    fn lines(&self) -> Vec<String> {
        let mut lines: BTreeMap<&[u8], String> = BTreeMap::new();
        for (key, entry) in &self.added {
            lines.insert(key, format!("+ {} = {entry}", shown(key)));
        }
        for (key, entry) in &self.removed {
            lines.insert(key, format!("- {} = {entry}", shown(key)));
        }
        for (key, (before, after)) in &self.changed {
            lines.insert(key, format!("~ {} = {before} → {after}", shown(key)));
        }
        lines.into_values().collect()
    }
}

impl fmt::Display for KvEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.value.text() {
            Some(text) => {
                text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
            }
            None => format!("0x{}", hex::encode(self.value.bytes())),
        };
        match text.char_indices().nth(SHOWN) {
            None => f.write_str(&text)?,
            Some((end, _)) => write!(f, "{}… ({} bytes)", &text[..end], self.value.bytes().len())?,
        }
        match self.expires {
            None => Ok(()),
            Some(expires) => write!(f, " (expires {})", rfc3339(expires)),
        }
    }
}

/// Returns a key as text.
fn shown(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => key.escape_ascii().to_string(),
    }
}
