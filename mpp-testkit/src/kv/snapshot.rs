//! The state at one moment, and what is another between two.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use mpp_host::clock::rfc3339;
use mpp_host::sandbox::kv::{State, StateError};
use serde_json::Value;

use crate::changes;

/// Characters of a value that are shown.
const SHOWN: usize = 200;

/// The state of a tool at one moment, sorted by key: [`Tool::kv`](crate::Tool::kv). `Display` shows one entry a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvSnapshot {
    entries: BTreeMap<Vec<u8>, KvEntry>,
    now: SystemTime,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvEntry {
    /// The value.
    pub value: KvValue,
    /// When it is gone, where it is not kept for ever.
    pub expires: Option<SystemTime>,
}

/// A value of a state: bytes, which most often are text, which may be JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvValue(Vec<u8>);

/// What is another in the second of two snapshots: [`KvSnapshot::diff`]. `Display` shows one entry a line: `+` is new, `-` is
/// gone, `~` has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct KvDiff {
    /// Keys that are new.
    pub added: BTreeMap<Vec<u8>, KvEntry>,
    /// Keys that are gone.
    pub removed: BTreeMap<Vec<u8>, KvEntry>,
    /// Keys whose value or expiry is another: before, and after.
    pub changed: BTreeMap<Vec<u8>, (KvEntry, KvEntry)>,
}

impl KvSnapshot {
    pub(super) fn take(state: &State) -> Result<Self, StateError> {
        let mut entries = BTreeMap::new();
        state.for_each(|entry| {
            let value = KvValue(entry.value.to_vec());
            entries.insert(entry.key.to_vec(), KvEntry { value, expires: entry.expires });
        })?;
        Ok(Self { entries, now: state.now() })
    }

    /// The entry of a key.
    #[must_use]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&KvEntry> {
        self.entries.get(key.as_ref())
    }

    /// All entries, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &KvEntry)> {
        self.entries.iter().map(|(key, entry)| (key.as_slice(), entry))
    }

    /// All keys, as text; what is no text has its bytes escaped.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.entries.keys().map(|key| shown(key)).collect()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of all keys and values, as `max_bytes` counts them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|(key, entry)| (key.len() + entry.value.0.len()) as u64).sum()
    }

    /// When it was taken, by the clock that entries expire by.
    #[must_use]
    pub fn taken_at(&self) -> SystemTime {
        self.now
    }

    /// What `after` has that this one has not, and the reverse.
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

impl KvEntry {
    /// How long it is still kept, seen from `now`; `None` for ever.
    #[must_use]
    pub fn time_left(&self, now: SystemTime) -> Option<Duration> {
        self.expires.map(|expires| expires.duration_since(now).unwrap_or_default())
    }
}

impl KvValue {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, where it is UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The value as JSON: what it says where it is JSON, a string where it is other text, `{"hex": …}` where it is no text.
    #[must_use]
    pub fn json(&self) -> Value {
        match self.text() {
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
            None => serde_json::json!({ "hex": hex(&self.0) }),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl From<&str> for KvValue {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for KvValue {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for KvValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for KvValue {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Value> for KvValue {
    fn from(value: Value) -> Self {
        Self(value.to_string().into_bytes())
    }
}

impl KvDiff {
    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// These are all the changes, as `Display` shows them, in any order: `+ key = value`, `- key = value`,
    /// `~ key = before → after`.
    ///
    /// # Panics
    /// Where they are others.
    #[track_caller]
    pub fn assert_changes<T: AsRef<str>>(&self, expected: impl IntoIterator<Item = T>) -> &Self {
        changes::assert("the state", &self.lines(), expected);
        self
    }

    /// Nothing has changed.
    ///
    /// # Panics
    /// Where something has.
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
        if self.is_empty() { f.write_str("(no difference)") } else { f.write_str(&self.lines().join("\n")) }
    }
}

impl KvDiff {
    /// One change a line, sorted by key.
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
            None => format!("0x{}", hex(self.value.bytes())),
        };
        match text.char_indices().nth(SHOWN) {
            None => f.write_str(&text)?,
            Some((end, _)) => write!(f, "{}… ({} bytes)", &text[..end], self.value.0.len())?,
        }
        match self.expires {
            None => Ok(()),
            Some(expires) => write!(f, " (until {})", rfc3339(expires)),
        }
    }
}

/// A key as text.
pub(super) fn shown(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => key.escape_ascii().to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
