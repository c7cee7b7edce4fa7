//! Assertions about results.

use serde_json::Value;

use crate::answer::Answer;
use crate::difference::{self, values};

impl Answer {
    /// The value at a JSON pointer of the structured result (`""` is all of it) is this.
    ///
    /// # Panics
    /// Where it is not, with each place that differs.
    #[track_caller]
    pub fn assert_at(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        let (expected, found) = (expected.into(), self.pointer(pointer));
        let differences = values::compare(pointer, &expected, &found);
        if !differences.is_empty() {
            let note = self.redaction_note(&expected.to_string(), &found.to_string());
            self.fail(&format!("{} is another than expected\n{}{note}", place(pointer), values::text(&differences)));
        }
        self
    }

    /// The structured result is this, all of it.
    ///
    /// # Panics
    /// Where it is not, with each place that differs.
    #[track_caller]
    pub fn assert_json(&self, expected: impl Into<Value>) -> &Self {
        self.assert_at("", expected)
    }

    /// The value at a JSON pointer of the structured result has all of this: every member that is named here, with this
    /// value, and every item of a list in this order. Others may be there too.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!("../examples/contacts").load();
    /// tool.call("find", json!({ "query": "ada" })).assert_includes("/0", json!({ "name": "Ada Lovelace" }));
    /// ```
    ///
    /// # Panics
    /// Where something is missing or another.
    #[track_caller]
    pub fn assert_includes(&self, pointer: &str, part: impl Into<Value>) -> &Self {
        let (part, found) = (part.into(), self.pointer(pointer));
        let differences = values::missing(pointer, &part, &found);
        if !differences.is_empty() {
            self.fail(&format!("{} lacks what is expected\n{}", place(pointer), values::text(&differences)));
        }
        self
    }

    /// The list (or object) at a JSON pointer of the structured result has this many items (or members).
    ///
    /// # Panics
    /// Where it has more or fewer, or is neither.
    #[track_caller]
    pub fn assert_count(&self, pointer: &str, expected: usize) -> &Self {
        let found = match self.pointer(pointer) {
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            other => self.fail(&format!("{} is neither a list nor an object: {other}", place(pointer))),
        };
        if found != expected {
            self.fail(&format!("{} has {found} items, expected {expected}", place(pointer)));
        }
        self
    }

    /// There is nothing at a JSON pointer of the structured result.
    ///
    /// # Panics
    /// Where there is something, `null` included.
    #[track_caller]
    pub fn assert_absent(&self, pointer: &str) -> &Self {
        if let Some(found) = self.json().pointer(pointer) {
            self.fail(&format!("expected nothing at `{pointer}`, found {found}"));
        }
        self
    }

    /// The text of the result is this.
    ///
    /// # Panics
    /// Where it is not.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) -> &Self {
        let found = self.text();
        if expected != found {
            let note = self.redaction_note(expected, &found);
            self.fail(&format!("the text is another than expected\n{}{note}", difference::lines(expected, &found)));
        }
        self
    }

    /// The text of the result contains this.
    ///
    /// # Panics
    /// Where it does not.
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
