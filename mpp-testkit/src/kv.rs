//! The state of a tool under test: filled before the first call, looked at between two, compared.

mod snapshot;

use std::time::Duration;

use serde_json::Value;

use crate::builder::ToolBuilder;
use crate::difference;
use crate::failure::{block, fail};
use crate::package::Failure;
use crate::tool::Tool;
use mpp_host::sandbox::kv::State;
pub use snapshot::{KvDiff, KvEntry, KvSnapshot, KvValue};

/// An entry that is there before the first call.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) time: Option<Duration>,
}

impl ToolBuilder {
    /// An entry that the tool finds in its state: text and bytes as they are, a [`Value`] as JSON.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!()
    ///     .kv("last_id", "7")
    ///     .kv("note/0000000007", json!({ "id": 7, "text": "tea" }))
    ///     .load();
    /// ```
    pub fn kv(self, key: impl AsRef<[u8]>, value: impl Into<KvValue>) -> Self {
        self.prefill(key.as_ref(), value.into(), None)
    }

    /// The same for an entry that is gone after `time`, by the host's clock.
    pub fn kv_for(self, key: impl AsRef<[u8]>, value: impl Into<KvValue>, time: Duration) -> Self {
        self.prefill(key.as_ref(), value.into(), Some(time))
    }

    fn prefill(mut self, key: &[u8], value: KvValue, time: Option<Duration>) -> Self {
        self.kv.push(Seed { key: key.to_vec(), value: value.into_bytes(), time });
        self
    }
}

/// Writes what the tool is to find, as one call of it would.
pub(crate) fn seed(state: Option<&State>, seeds: &[Seed], name: &str) -> Result<(), Failure> {
    if seeds.is_empty() {
        return Ok(());
    }
    let Some(state) = state else {
        return Err(Failure::new(
            format!("the test gives the tool `{name}` a state, and its manifest declares none"),
            "write `kv = { max_bytes = 1048576 }` under `[package.metadata.mpp.capabilities]`",
        ));
    };
    let entries = seeds.iter().map(|seed| (seed.key.as_slice(), seed.value.as_slice(), seed.time));
    state
        .set(entries)
        .map_err(|error| Failure::new(format!("the state of the tool `{name}` cannot be filled: {error}"), ""))
}

impl Tool {
    /// What is in the tool's state now, sorted by key; nothing where it has kept nothing yet.
    ///
    /// # Panics
    /// Where the manifest declares no state, or it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn kv(&self) -> KvSnapshot {
        let Some(state) = self.runnable.state() else {
            fail(format_args!("the manifest of `{}` declares no `kv`: the tool has no state", self.manifest().name), "")
        };
        match KvSnapshot::take(&state) {
            Ok(snapshot) => snapshot,
            Err(error) => fail(format_args!("the state of `{}` cannot be read: {error}", self.manifest().name), ""),
        }
    }

    /// The value of `key` is this: JSON where it is JSON, text where it is not.
    ///
    /// # Panics
    /// Where it is another, or there is no such key.
    #[track_caller]
    pub fn assert_kv(&self, key: impl AsRef<[u8]>, expected: impl Into<Value>) -> &Self {
        self.kv().assert(key, expected);
        self
    }
}

impl KvSnapshot {
    /// The value of `key` is this: JSON where it is JSON, text where it is not.
    ///
    /// # Panics
    /// Where it is another, or there is no such key.
    #[track_caller]
    pub fn assert(&self, key: impl AsRef<[u8]>, expected: impl Into<Value>) -> &Self {
        let (key, expected) = (key.as_ref(), expected.into());
        let shown = snapshot::shown(key);
        let Some(entry) = self.get(key) else {
            fail(format_args!("there is no key `{shown}` in the state{}", block("the state:", &self.to_string())), "")
        };
        let found = entry.value.json();
        if found != expected {
            let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
            let difference = difference::lines(&pretty(&expected), &pretty(&found));
            fail(format_args!("the value of `{shown}` in the state is another than expected\n{difference}"), "")
        }
        self
    }
}
