//! The state of a tool under test: read and asserted between calls.

pub(crate) mod seed;
pub(crate) mod snapshot;
pub(crate) mod value;

use mpp_host::causes::with_causes;
use serde_json::Value;

use crate::failure::fail;
use crate::tool::Tool;
use crate::world::state::snapshot::KvSnapshot;

impl Tool {
    /// Returns the entries of the tool's state, sorted by key. The state is empty until the tool first writes to it.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// let tool = mpp_testkit::tool!().load();
    /// let before = tool.kv();
    /// tool.call("add", json!({ "text": "tea" })).assert_success();
    /// before.diff(&tool.kv()).assert_changes(["+ last_id = 1", r#"+ note/1 = {"text":"tea"}"#]);
    /// ```
    ///
    /// # Panics
    /// Panics if the manifest does not declare `kv`, or the state cannot be read.
    #[must_use]
    #[track_caller]
    pub fn kv(&self) -> KvSnapshot {
        let name = &self.manifest().name;
        let Some(state) = self.runnable.state() else {
            fail(
                format_args!("`{name}` has no state: its manifest does not declare `kv`"),
                "write `kv = { max_bytes = 1048576 }` under `[package.metadata.mpp.capabilities]`",
            )
        };
        match KvSnapshot::read(&state) {
            Ok(snapshot) => snapshot,
            Err(error) => fail(format_args!("cannot read the state of `{name}`: {}", with_causes(&error)), ""),
        }
    }

    /// Asserts the value of an entry of the tool's state: its JSON value where it is JSON, otherwise its text.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("add", json!({ "text": "tea" })).assert_success();
    /// tool.assert_kv("last_id", 1);
    /// ```
    ///
    /// # Panics
    /// Panics if the value differs, or there is no such key.
    #[track_caller]
    pub fn assert_kv(&self, key: impl AsRef<[u8]>, expected: impl Into<Value>) -> &Self {
        self.kv().assert(key, expected);
        self
    }
}
