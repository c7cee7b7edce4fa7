//! Compares a recorded response with a new one, with redactions and volatile values accounted for.

mod servers;

use std::fmt;

use serde_json::{Map, Value};

pub use self::servers::error_message;
use self::servers::{texts, unwrapped};
use crate::difference::{Difference, is_below, member};

/// Compares recorded responses with new ones.
///
/// - A redaction in the new response equals the value that it replaces in the recorded one.
/// - A *volatile* value only has to be present.
/// - A server without structured results writes them as text; such text is compared as JSON.
/// - A tool's error that a server puts into the result (`isError`) is compared by its message, without what libraries for servers put
///   before it.
/// - Where an MCP server and the package both refuse the arguments or the name of a tool, their words are not compared.
/// - Backtraces are not compared.
///
/// ```
/// use mpp_recording::Comparison;
/// use serde_json::json;
///
/// let recorded = json!({ "result": { "structuredContent": { "id": 1, "mail": "ada@post.example" } } });
/// let found = json!({ "result": { "structuredContent": { "id": 2, "mail": "[REDACTED:email]" } } });
/// let compared = Comparison::new(["/id"]).compare(&recorded, &found);
/// assert!(compared.differences.is_empty());
/// assert_eq!(compared.redactions[0].to_string(), "`/mail`: `email`");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    volatile: Vec<String>,
}

/// The result of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// The places at which the responses differ.
    pub differences: Vec<Difference>,
    /// The places at which the new response has a redaction of the recorded value.
    pub redactions: Vec<Redaction>,
}

/// A recorded value or key that is redacted in the new response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redaction {
    /// JSON pointer to the value in the new response.
    pub pointer: String,
    /// Ids of the patterns, in the order of their occurrence; empty where the key was redacted.
    pub patterns: Vec<String>,
    /// Whether the key was redacted, and not the value.
    pub is_key: bool,
}

impl fmt::Display for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_key {
            return write!(f, "the key `{}`", self.pointer);
        }
        let patterns: Vec<String> = self.patterns.iter().map(|id| format!("`{id}`")).collect();
        write!(f, "`{}`: {}", self.pointer, patterns.join(", "))
    }
}

impl Comparison {
    /// A comparison with these volatile values: JSON pointers, in which `*` matches any member or index. Pointers lead
    /// into the structured result, or begin with `/content/`, `/message` or `/data`.
    pub fn new(volatile: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { volatile: volatile.into_iter().map(Into::into).collect() }
    }

    /// Compares two responses, each `{"result": …}` or `{"error": …}`.
    #[must_use]
    pub fn compare(&self, recorded: &Value, found: &Value) -> Compared {
        let run = Run { volatile: &self.volatile, compared: Compared::default() };
        run.responses(recorded, found)
    }
}

/// One comparison under way.
struct Run<'a> {
    volatile: &'a [String],
    compared: Compared,
}

impl Run<'_> {
    fn responses(mut self, recorded: &Value, found: &Value) -> Compared {
        if servers::both_refuse_the_call(recorded, found) {
            return self.compared;
        }
        let recorded = &*servers::without_wrapper(recorded);
        match (recorded.get("result"), found.get("result"), recorded.get("error"), found.get("error")) {
            (Some(recorded), Some(found), ..) => self.results(recorded, found),
            (.., Some(recorded), Some(found)) => self.errors(recorded, found),
            // An MCP server puts a tool's error into the result, as text.
            (Some(recorded), _, _, Some(found)) if recorded.get("isError") == Some(&Value::Bool(true)) => {
                let said = texts(recorded);
                self.values("/message", &Value::from(said), found.get("message").unwrap_or(&Value::Null));
            }
            (recorded, found, error, failed) => {
                let either = |result: Option<&Value>, error: Option<&Value>| {
                    let (name, value) = if result.is_some() { ("result", result) } else { ("error", error) };
                    value.map(|value| Value::Object(Map::from_iter([(name.to_owned(), value.clone())])))
                };
                self.add("", either(recorded, error), either(found, failed));
            }
        }
        self.compared
    }

    fn errors(&mut self, recorded: &Value, found: &Value) {
        for name in ["code", "message", "data"] {
            let absent = Value::Object(Map::new());
            let absent = if name == "data" { &absent } else { &Value::Null };
            let mut recorded = recorded.get(name).unwrap_or(absent).clone();
            let mut found = found.get(name).unwrap_or(absent).clone();
            for data in [&mut recorded, &mut found] {
                if let (Value::Object(members), "data") = (data, name) {
                    members.shift_remove("backtrace");
                }
            }
            // Other servers return less data with an error, or none.
            if name == "data" && recorded.as_object().is_some_and(Map::is_empty) {
                continue;
            }
            self.values(&format!("/{name}"), &recorded, &found);
        }
    }

    fn results(&mut self, recorded: &Value, found: &Value) {
        let is_error = |result: &Value| result.get("isError") == Some(&Value::Bool(true));
        if is_error(recorded) != is_error(found) {
            self.add("/isError", recorded.get("isError").cloned(), found.get("isError").cloned());
        }
        let structured = |result: &Value| result.get("structuredContent").cloned();
        match (structured(recorded), structured(found)) {
            (Some(recorded), Some(found)) => {
                let recorded = unwrapped(recorded, &found);
                return self.values("", &recorded, &found);
            }
            // A server without structured results writes them as text.
            (None, Some(found)) => match serde_json::from_str::<Value>(&texts(recorded)) {
                Ok(recorded) => return self.values("", &unwrapped(recorded, &found), &found),
                Err(_) => self.add("", Some(Value::from(texts(recorded))), Some(found)),
            },
            (Some(recorded), None) => self.add("", Some(recorded), None),
            (None, None) => {}
        }
        let content = |result: &Value| result.get("content").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        if structured(found).is_none() {
            self.values("/content", &content(recorded), &content(found));
        }
    }

    fn add(&mut self, at: &str, expected: Option<Value>, found: Option<Value>) {
        self.compared.differences.push(Difference::new(at, expected.as_ref(), found.as_ref()));
    }

    fn redaction(&mut self, pointer: String, patterns: Vec<String>, is_key: bool) {
        self.compared.redactions.push(Redaction { pointer, patterns, is_key });
    }

    fn values(&mut self, at: &str, recorded: &Value, found: &Value) {
        if recorded == found || self.volatile.iter().any(|pattern| is_below(pattern, at)) {
            return;
        }
        match (recorded, found) {
            (Value::Object(old), Value::Object(new)) => self.members(at, old, new),
            (Value::Array(old), Value::Array(new)) => {
                for index in 0..old.len().max(new.len()) {
                    let at = format!("{at}/{index}");
                    match (old.get(index), new.get(index)) {
                        (Some(recorded), Some(found)) => self.values(&at, recorded, found),
                        (recorded, found) => self.add(&at, recorded.cloned(), found.cloned()),
                    }
                }
            }
            (recorded, Value::String(found)) => {
                let clear = recorded.as_str().map_or_else(|| recorded.to_string(), str::to_owned);
                match redacted(&clear, found) {
                    Some(patterns) => self.redaction(at.to_owned(), patterns, false),
                    None => self.add(at, Some(recorded.clone()), Some(found.as_str().into())),
                }
            }
            _ => self.add(at, Some(recorded.clone()), Some(found.clone())),
        }
    }

    fn members(&mut self, at: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let mut fresh: Vec<&String> = new.keys().filter(|key| !old.contains_key(*key)).collect();
        for (key, recorded) in old {
            if let Some(found) = new.get(key) {
                self.values(&member(at, key), recorded, found);
                continue;
            }
            // The key itself may be redacted.
            let as_redacted = fresh.iter().position(|now| redacted(key, now).is_some());
            match as_redacted.map(|index| fresh.remove(index)) {
                Some(now) => {
                    self.redaction(member(at, now), Vec::new(), true);
                    self.values(&member(at, now), recorded, new.get(now).unwrap_or(&Value::Null));
                }
                None => self.add(&member(at, key), Some(recorded.clone()), None),
            }
        }
        for key in fresh {
            self.add(&member(at, key), None, new.get(key).cloned());
        }
    }
}

/// Returns the pattern ids in `found`, if it equals `clear` apart from its redactions.
fn redacted(clear: &str, found: &str) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut expression = String::from("(?s)^");
    let mut rest = found;
    while let Some(at) = rest.find("[REDACTED:") {
        let end = at + rest[at..].find(']')? + 1;
        expression.push_str(&regex::escape(&rest[..at]));
        expression.push_str(".+?");
        ids.push(rest[at + "[REDACTED:".len()..end - 1].to_owned());
        rest = &rest[end..];
    }
    if ids.is_empty() {
        return None;
    }
    expression.push_str(&regex::escape(rest));
    expression.push('$');
    regex::Regex::new(&expression).ok()?.is_match(clear).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::Comparison;
    use crate::difference::text;
    use serde_json::{Value, json};

    fn compare(volatile: &[&str], recorded: Value, found: Value) -> (String, Vec<String>) {
        let compared = Comparison::new(volatile.iter().copied()).compare(&recorded, &found);
        (text(&compared.differences), compared.redactions.iter().map(ToString::to_string).collect())
    }

    fn result(structured: Value) -> Value {
        json!({ "result": { "content": [], "structuredContent": structured, "isError": false } })
    }

    #[test]
    fn a_redaction_equals_the_value_that_it_replaces() {
        let recorded =
            json!({ "mail": "ada@post.example", "note": "call +1 212 555 0101, or write", "n": 4111, "a@b.c": 1 });
        let found = json!({ "mail": "[REDACTED:email]", "note": "call [REDACTED:phone], or write",
            "n": "[REDACTED:credit_card]", "[REDACTED:email]": 1 });
        let (differences, redacted) = compare(&[], result(recorded.clone()), result(found));
        assert_eq!(differences, "");
        assert_eq!(
            redacted,
            ["`/mail`: `email`", "`/note`: `phone`", "`/n`: `credit_card`", "the key `/[REDACTED:email]`"]
        );
        let other =
            json!({ "mail": "[REDACTED:email]", "note": "ring [REDACTED:phone], or write", "n": 4111, "a@b.c": 1 });
        let (differences, _) = compare(&[], result(recorded), result(other));
        assert!(differences.starts_with("  `/note`: expected \"call +1"), "{differences}");
    }

    #[test]
    fn volatile_values_only_have_to_be_present() {
        let recorded = json!([{ "id": 1, "at": "10:00" }, { "id": 2, "at": "11:00" }]);
        let found = json!([{ "id": 7, "at": "12:00" }, { "id": 8 }]);
        let (differences, _) = compare(&["/*/at", "/0/id"], result(recorded), result(found));
        assert_eq!(differences, "  `/1/id`: expected 2, found 8\n  `/1/at`: expected \"11:00\", found nothing");
    }

    #[test]
    fn results_of_mcp_servers_are_compared_by_their_meaning() {
        let text = |text: &str| json!({ "result": { "content": [{ "type": "text", "text": text }] } });
        assert_eq!(compare(&[], text("[1,2]"), result(json!([1, 2]))).0, "");
        assert_eq!(compare(&[], text("{\"result\":[1]}"), result(json!([1]))).0, "");
        assert_eq!(compare(&[], text("hello"), text("hello")).0, "");
        assert_eq!(compare(&["/content/0/text"], text("10:00"), text("11:00")).0, "");
        let error = json!({ "error": { "code": -31000, "message": "nobody", "data": { "kind": "tool_error" } } });
        let failed = json!({ "result": { "content": [{ "type": "text", "text": "nobody" }], "isError": true } });
        assert_eq!(compare(&[], failed, error.clone()).0, "");
        let (differences, _) = compare(&[], text("hello"), error);
        assert!(differences.starts_with("  the whole value: expected {\"result\""), "{differences}");
    }

    #[test]
    fn words_of_libraries_and_hosts_are_not_compared() {
        let failed =
            |text: &str| json!({ "result": { "content": [{ "type": "text", "text": text }], "isError": true } });
        let error = |kind: &str, message: &str| json!({ "error": { "code": -31000, "message": message, "data": { "kind": kind } } });
        let nobody = error("tool_error", "nobody");
        assert_eq!(compare(&[], failed("Error executing tool find: nobody"), nobody.clone()).0, "");
        assert_eq!(
            compare(&[], failed("Error executing tool find: somebody"), nobody.clone()).0,
            "  `/message`: expected \"somebody\", found \"nobody\""
        );
        let refused = error("invalid_arguments", "`query` is missing");
        assert_eq!(compare(&[], failed("1 validation error for findArguments"), refused.clone()).0, "");
        // A tool that fails is not a host that refuses; and the words of a package's own recording are compared.
        assert_ne!(compare(&[], failed("1 validation error for findArguments"), nobody).0, "");
        assert_ne!(compare(&[], error("invalid_arguments", "`query` is needed"), refused).0, "");
    }
}
