//! Assertions about what the privacy filter took out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::answer::Answer;
use crate::explain;

impl Answer {
    /// Something at this JSON pointer was redacted under this pattern's id (`email`, `env:NAME`, your own …). Text items
    /// are at `/content/0/text`, an error's message at `/message`.
    ///
    /// # Panics
    /// Where nothing was.
    #[track_caller]
    pub fn assert_redacted(&self, pointer: &str, pattern: &str) -> &Self {
        if !self.redactions(pointer).any(|id| id == pattern) {
            let found = self.at(pointer);
            if !self.is_success() && found.is_empty() {
                let error = explain::error(self.error(), self.log());
                self.fail(&format!("expected `{pattern}` redacted at `{pointer}`, found {error}"));
            }
            if let (true, Some(structured)) = (found.is_empty(), self.structured()) {
                let nothing = explain::nothing_at(&structured, pointer);
                self.fail(&format!("expected `{pattern}` redacted at `{pointer}`, and {nothing}; {}", self.redacted()));
            }
            self.fail(&format!("nothing was redacted as `{pattern}` at `{pointer}`{found}; {}", self.redacted()));
        }
        self
    }

    /// Nothing at this JSON pointer or below it was redacted; `""` says it of the whole answer.
    ///
    /// # Panics
    /// Where something was.
    #[track_caller]
    pub fn assert_not_redacted(&self, pointer: &str) -> &Self {
        let below =
            |place: &str| place.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if self.report().redactions.places.iter().any(|place| below(&place.pointer)) {
            let at = if pointer.is_empty() { "in the answer".to_owned() } else { format!("at `{pointer}` or below") };
            self.fail(&format!("something was redacted {at}; {}", self.redacted()));
        }
        self
    }

    /// In the whole answer, so many matches of each pattern were redacted, and of no other pattern any.
    ///
    /// # Panics
    /// Where it was more or less, with both counts.
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
            self.fail(&format!("other counts of redactions than expected\n{lines}\n{}", self.redacted()));
        }
        self
    }

    /// Something in the tool's log was redacted under this pattern's id.
    ///
    /// # Panics
    /// Where nothing was.
    #[track_caller]
    pub fn assert_log_redacted(&self, pattern: &str) -> &Self {
        if !self.report().log_redactions.counts.contains_key(pattern) {
            self.fail(&format!("nothing was redacted as `{pattern}` in the log"));
        }
        self
    }

    fn redactions(&self, pointer: &str) -> impl Iterator<Item = &str> {
        let places = self.report().redactions.places.iter();
        places.filter(move |place| place.pointer == pointer).map(|place| place.id.as_ref())
    }

    fn structured(&self) -> Option<Value> {
        self.response().pointer("/result/structuredContent").filter(|value| !value.is_null()).cloned()
    }

    /// What stands at a pointer now.
    fn at(&self, pointer: &str) -> String {
        let answer = self.response();
        let roots = ["/result/structuredContent", "/result", "/error"];
        let found = roots.iter().find_map(|root| answer.pointer(&format!("{root}{pointer}")));
        found.map(|value| format!(", where {value} stands")).unwrap_or_default()
    }

    pub(crate) fn redacted(&self) -> String {
        let places = self.report().redactions.places.iter();
        let places: Vec<String> = places.map(|place| format!("`{}` at `{}`", place.id, place.pointer)).collect();
        match places.is_empty() {
            true => "nothing was redacted in this answer".to_owned(),
            false => format!("redacted were {}", places.join(", ")),
        }
    }
}
