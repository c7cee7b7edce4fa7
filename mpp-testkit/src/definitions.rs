//! The published definitions as a stored file, and what callers notice when they change.

use std::fs;
use std::path::Path;

use mpp_host::definitions;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use crate::explain;
use crate::failure::fail;
use crate::stored;
use crate::tool::Tool;

impl Tool {
    /// The published definitions as JSON text with sorted keys, the same for the same tool: for `insta`, or for a file of
    /// your own.
    #[must_use]
    pub fn definitions_json(&self) -> String {
        let value = serde_json::to_value(self.definitions()).unwrap_or(Value::Null);
        explain::pretty(&explain::sorted(&value)) + "\n"
    }

    /// The published definitions are those of a stored file, relative to the crate of the test. `MPP_TEST_BLESS=1` writes
    /// the file.
    ///
    /// ```no_run
    /// #[test]
    /// fn the_interface_is_stable() {
    ///     mpp_testkit::tool!().load().assert_definitions("tests/definitions.json");
    /// }
    /// ```
    ///
    /// # Panics
    /// Where they differ, with what callers would notice: what breaks them, what does not, what is only worded otherwise.
    /// And where the file is missing or cannot be read.
    #[track_caller]
    pub fn assert_definitions(&self, path: impl AsRef<Path>) -> &Self {
        let file = stored::resolve(path);
        let found = self.definitions_json();
        let bless = "`MPP_TEST_BLESS=1 cargo test` writes the file; commit it together with the change";
        if stored::blessing() {
            if let Err(error) = stored::write(&file, &found) {
                fail(format_args!("the definitions cannot be written to `{}`: {error}", file.display()), "");
            }
            return self;
        }
        let stored = match fs::read_to_string(&file) {
            Ok(stored) => stored,
            Err(error) => {
                fail(format_args!("the stored definitions `{}` cannot be read: {error}", file.display()), bless)
            }
        };
        let stored: Vec<ToolDefinition> = match serde_json::from_str(&stored) {
            Ok(stored) => stored,
            Err(error) => fail(format_args!("`{}` holds no definitions: {error}", file.display()), bless),
        };
        let changes = definitions::diff(&stored, self.definitions());
        if !changes.is_empty() {
            let worst = match changes.worst() {
                Some(definitions::Class::Breaking) => "in a way that breaks callers",
                Some(definitions::Class::Compatible) => "in a way that callers bear",
                _ => "in their words only",
            };
            fail(
                format_args!("the definitions differ from `{}`, {worst}\n\n{changes}", file.display()),
                &format!("if that is meant, {bless}"),
            );
        }
        self
    }
}
