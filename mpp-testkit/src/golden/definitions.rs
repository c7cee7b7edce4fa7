//! Compares the published definitions with a golden file, by what callers notice.

use std::fs;
use std::path::Path;

use mpp_host::definitions;
use mpp_recording::calls::sorted;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use crate::assert::describe;
use crate::failure::fail;
use crate::golden;
use crate::tool::Tool;

impl Tool {
    /// Returns the published definitions as JSON text with sorted keys, for a snapshot. The text depends on the definitions
    /// only.
    ///
    /// ```no_run
    /// let definitions = mpp_testkit::tool!().load().definitions_json();
    /// // with the crate `insta`: insta::assert_snapshot!(definitions);
    /// assert!(definitions.contains("\"name\": \"lookup\""));
    /// ```
    #[must_use]
    pub fn definitions_json(&self) -> String {
        let value = serde_json::to_value(self.definitions()).unwrap_or(Value::Null);
        describe::pretty(&sorted(&value)) + "\n"
    }

    /// Asserts that the published definitions are those of a golden file, whose path is relative to the crate of the test.
    /// `MPP_TEST_BLESS=1` writes the file.
    ///
    /// ```no_run
    /// #[test]
    /// fn the_interface_is_stable() {
    ///     mpp_testkit::tool!().load().assert_definitions("tests/definitions.json");
    /// }
    /// ```
    ///
    /// # Panics
    /// Panics if they differ. The message lists the changes that break callers, those that do not, and those of wording. Also
    /// panics if the file cannot be read.
    #[track_caller]
    pub fn assert_definitions(&self, path: impl AsRef<Path>) -> &Self {
        let file = golden::resolve(path);
        let found = self.definitions_json();
        let bless = "run `MPP_TEST_BLESS=1 cargo test` to write the file, and commit it with the change";
        if golden::blessing() {
            golden::write(&file, &found);
            return self;
        }
        let stored = match fs::read_to_string(&file) {
            Ok(stored) => stored,
            Err(error) => fail(format_args!("cannot read the definitions in `{}`: {error}", file.display()), bless),
        };
        let stored: Vec<ToolDefinition> = match serde_json::from_str(&stored) {
            Ok(stored) => stored,
            Err(error) => fail(format_args!("`{}` does not contain definitions: {error}", file.display()), bless),
        };
        let changes = definitions::diff(&stored, self.definitions());
        if !changes.is_empty() {
            let worst = match changes.worst() {
                Some(definitions::Class::Breaking) => "and the change breaks callers",
                Some(definitions::Class::Compatible) => "and the change is compatible with callers",
                _ => "in their wording only",
            };
            fail(
                format_args!("the definitions differ from `{}`, {worst}\n\n{changes}", file.display()),
                &format!("if the change is intended, {bless}"),
            );
        }
        self
    }
}
