//! Assertions about results.

use mpp_recording::{difference, line_diff};
use serde_json::Value;

use crate::answer::Answer;

impl Answer {
    /// Asserts the value at a JSON pointer of the structured result; `""` is the whole result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada Lovelace");
    /// ```
    ///
    /// # Panics
    /// Panics if the value differs. The message lists each place that differs.
    #[track_caller]
    pub fn assert_at(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        let (expected, found) = (expected.into(), self.pointer(pointer));
        let differences = difference::compare(pointer, &expected, &found);
        if !differences.is_empty() {
            let note = self.redaction_note(&expected.to_string(), &found.to_string());
            self.fail(&format!("{} is not as expected\n{}{note}", place(pointer), difference::text(&differences)));
        }
        self
    }

    /// Asserts the whole structured result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("count", json!({ "by": "file" })).assert_json(json!({ "customers.csv": 4 }));
    /// ```
    ///
    /// # Panics
    /// Panics if the result differs. The message lists each place that differs.
    #[track_caller]
    pub fn assert_json(&self, expected: impl Into<Value>) -> &Self {
        self.assert_at("", expected)
    }

    /// Asserts that the value at a JSON pointer of the structured result contains `part`: every member of an object with its
    /// value, and every item of a list in this order. There may be others.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!("../examples/contacts").load();
    /// tool.call("find", json!({ "query": "ada" })).assert_includes("/0", json!({ "name": "Ada Lovelace" }));
    /// ```
    ///
    /// # Panics
    /// Panics if something is missing or differs.
    #[track_caller]
    pub fn assert_includes(&self, pointer: &str, part: impl Into<Value>) -> &Self {
        let (part, found) = (part.into(), self.pointer(pointer));
        let differences = difference::missing(pointer, &part, &found);
        if !differences.is_empty() {
            self.fail(&format!(
                "{} does not contain what was expected\n{}",
                place(pointer),
                difference::text(&differences)
            ));
        }
        self
    }

    /// Asserts the number of items of the list, or of members of the object, at a JSON pointer of the structured result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("list", json!({})).assert_count("/notes", 3);
    /// ```
    ///
    /// # Panics
    /// Panics if the number differs, or the value is neither a list nor an object.
    #[track_caller]
    pub fn assert_count(&self, pointer: &str, expected: usize) -> &Self {
        let found = match self.pointer(pointer) {
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            other => self.fail(&format!("{} is neither a list nor an object, but {other}", place(pointer))),
        };
        if found != expected {
            let items = if expected == 1 { "item" } else { "items" };
            self.fail(&format!("expected {} to have {expected} {items}, found {found}", place(pointer)));
        }
        self
    }

    /// Asserts that there is no value at a JSON pointer of the structured result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_absent("/0/internal_id");
    /// ```
    ///
    /// # Panics
    /// Panics if there is a value, including `null`.
    #[track_caller]
    pub fn assert_absent(&self, pointer: &str) -> &Self {
        if let Some(found) = self.json().pointer(pointer) {
            self.fail(&format!("expected no value at `{pointer}`, found {found}"));
        }
        self
    }

    /// Asserts the text of the result.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("slugify", json!({ "text": "Step by step" })).assert_text("step-by-step");
    /// ```
    ///
    /// # Panics
    /// Panics if the text differs.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) -> &Self {
        let found = self.text();
        if expected != found {
            let note = self.redaction_note(expected, &found);
            self.fail(&format!("the text is not as expected\n{}{note}", line_diff::diff(expected, &found)));
        }
        self
    }

    /// Asserts that the text of the result contains `part`.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("summary", json!({})).assert_text_contains("3 customers");
    /// ```
    ///
    /// # Panics
    /// Panics if the text does not contain it.
    #[track_caller]
    pub fn assert_text_contains(&self, part: &str) -> &Self {
        if !self.text().contains(part) {
            self.fail(&format!("the text does not contain `{part}`"));
        }
        self
    }
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() { "the result".to_owned() } else { format!("the value at `{pointer}`") }
}
