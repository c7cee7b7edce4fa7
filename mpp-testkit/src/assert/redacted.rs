//! Assertions about redactions of the privacy filter.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::answer::Answer;
use crate::assert::describe;

impl Answer {
    /// Asserts a redaction at a JSON pointer, by the id of its pattern: `email`, `env:NAME`, or one of your own. Text items
    /// are at `/content/0/text`, the message of an error at `/message`.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_redacted("/0/email", "email");
    /// ```
    ///
    /// # Panics
    /// Panics if nothing was redacted there by this pattern.
    #[track_caller]
    pub fn assert_redacted(&self, pointer: &str, pattern: &str) -> &Self {
        if !self.redactions(pointer).any(|id| id == pattern) {
            let found = self.at(pointer);
            if !self.is_success() && found.is_empty() {
                let error = describe::error(self.error(), self.log());
                self.fail(&format!("expected a redaction of `{pattern}` at `{pointer}`, found {error}"));
            }
            if let (true, Some(structured)) = (found.is_empty(), self.structured()) {
                let nothing = describe::nothing_at(&structured, pointer);
                self.fail(&format!(
                    "expected a redaction of `{pattern}` at `{pointer}`, but {nothing}; {}",
                    self.redacted()
                ));
            }
            self.fail(&format!("expected a redaction of `{pattern}` at `{pointer}`{found}; {}", self.redacted()));
        }
        self
    }

    /// Asserts that nothing was redacted at a JSON pointer or below it; `""` is the whole answer.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("count", json!({})).assert_not_redacted("");
    /// ```
    ///
    /// # Panics
    /// Panics if something was redacted.
    #[track_caller]
    pub fn assert_not_redacted(&self, pointer: &str) -> &Self {
        let below =
            |place: &str| place.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if self.report().redactions.places.iter().any(|place| below(place.pointer)) {
            let at = if pointer.is_empty() { "in the answer".to_owned() } else { format!("at `{pointer}` or below") };
            self.fail(&format!("expected no redactions {at}; {}", self.redacted()));
        }
        self
    }

    /// Asserts the number of redactions of each pattern in the whole answer. Patterns that are not listed are expected to
    /// have none.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("list", json!({})).assert_redaction_counts([("email", 4), ("phone", 2)]);
    /// ```
    ///
    /// # Panics
    /// Panics if a number differs.
    #[track_caller]
    pub fn assert_redaction_counts<'a>(&self, expected: impl IntoIterator<Item = (&'a str, u64)>) -> &Self {
        let expected: BTreeMap<&str, u64> = expected.into_iter().filter(|(_, count)| *count > 0).collect();
        let counts = &self.report().redactions.counts;
        let found: BTreeMap<&str, u64> = counts.iter().map(|(id, count)| (id.as_str(), *count)).collect();
        if expected != found {
            let patterns: std::collections::BTreeSet<&str> = expected.keys().chain(found.keys()).copied().collect();
            let count = |counts: &BTreeMap<&str, u64>, id: &str| counts.get(id).copied().unwrap_or_default();
            let lines: Vec<String> = patterns
                .into_iter()
                .filter(|id| count(&expected, id) != count(&found, id))
                .map(|id| format!("  `{id}`: expected {}, found {}", count(&expected, id), count(&found, id)))
                .collect();
            let lines = lines.join("\n");
            self.fail(&format!("the redaction counts are not as expected\n{lines}\n{}", self.redacted()));
        }
        self
    }

    /// Asserts a redaction in the tool's log, by the id of its pattern.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada@post.example" })).assert_log_redacted("email");
    /// ```
    ///
    /// # Panics
    /// Panics if the log has no redaction by this pattern.
    #[track_caller]
    pub fn assert_log_redacted(&self, pattern: &str) -> &Self {
        if !self.report().log_redactions.counts.contains_key(pattern) {
            self.fail(&format!("expected a redaction of `{pattern}` in the log"));
        }
        self
    }

    fn redactions(&self, pointer: &str) -> impl Iterator<Item = &str> {
        let places = self.report().redactions.places.iter();
        places.filter(move |place| place.pointer == pointer).map(|place| place.id)
    }

    fn structured(&self) -> Option<Value> {
        self.response().pointer("/result/structuredContent").filter(|value| !value.is_null()).cloned()
    }

    /// Describes the value at a pointer; empty if there is none.
    fn at(&self, pointer: &str) -> String {
        let answer = self.response();
        let roots = ["/result/structuredContent", "/result", "/error"];
        let found = roots.iter().find_map(|root| answer.pointer(&format!("{root}{pointer}")));
        found.map(|value| format!(", found {value}")).unwrap_or_default()
    }

    fn redacted(&self) -> String {
        let places = self.report().redactions.places.iter();
        let places: Vec<String> = places.map(|place| format!("`{}` at `{}`", place.id, place.pointer)).collect();
        match places.is_empty() {
            true => "the answer has no redactions".to_owned(),
            false => format!("redactions in the answer: {}", places.join(", ")),
        }
    }
}
