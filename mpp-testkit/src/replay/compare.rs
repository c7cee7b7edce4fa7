//! A recorded response and the answer of today.

use serde_json::{Map, Value};

use super::Compared;
use crate::difference::values::{Difference, member};

/// A comparison under the pointers that were declared volatile.
pub(super) struct Comparison<'a> {
    volatile: &'a [String],
    compared: Compared,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(volatile: &'a [String]) -> Self {
        Self { volatile, compared: Compared::default() }
    }

    /// `recorded` and `found` are `{"result": …}` or `{"error": …}`.
    pub(super) fn run(mut self, recorded: &Value, found: &Value) -> Compared {
        match (recorded.get("result"), found.get("result"), recorded.get("error"), found.get("error")) {
            (Some(recorded), Some(found), ..) => self.results(recorded, found),
            (.., Some(recorded), Some(found)) => self.errors(recorded, found),
            // A server of MCP puts a tool's error into the result, as text.
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
                    members.remove("backtrace");
                }
            }
            // Other servers give less with an error, or nothing.
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
        self.compared.differences.push(Difference { pointer: at.to_owned(), expected, found, instead: None });
    }

    fn values(&mut self, at: &str, recorded: &Value, found: &Value) {
        if recorded == found || self.volatile.iter().any(|pattern| is_at(pattern, at)) {
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
                    Some(ids) => self.compared.redacted.push(format!("`{at}`: {}", ids.join(", "))),
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
                    self.compared.redacted.push(format!("the key `{}`", member(at, now)));
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

/// The pattern ids of a redacted text, where the rest of it is what the clear one has in these places.
fn redacted(clear: &str, found: &str) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut expression = String::from("(?s)^");
    let mut rest = found;
    while let Some(at) = rest.find("[REDACTED:") {
        let end = at + rest[at..].find(']')? + 1;
        expression.push_str(&regex::escape(&rest[..at]));
        expression.push_str(".+?");
        ids.push(format!("`{}`", &rest[at + "[REDACTED:".len()..end - 1]));
        rest = &rest[end..];
    }
    if ids.is_empty() {
        return None;
    }
    expression.push_str(&regex::escape(rest));
    expression.push('$');
    regex::Regex::new(&expression).ok()?.is_match(clear).then_some(ids)
}

/// A bridge wraps what is no object as `{"result": …}` for older clients.
fn unwrapped(recorded: Value, found: &Value) -> Value {
    match recorded {
        Value::Object(mut members) if members.len() == 1 && !found.is_object() && members.contains_key("result") => {
            members.remove("result").unwrap_or_default()
        }
        other => other,
    }
}

fn texts(result: &Value) -> String {
    let items = result.get("content").and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(|item| item.get("text").and_then(Value::as_str));
    texts.collect::<Vec<_>>().join("\n")
}

/// Whether a place is what a pattern names, or below it.
fn is_at(pattern: &str, at: &str) -> bool {
    let mut parts = at.split('/');
    pattern.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
}

#[cfg(test)]
mod tests {
    use super::Comparison;
    use crate::difference::values::text;
    use serde_json::{Value, json};

    fn compare(volatile: &[&str], recorded: Value, found: Value) -> (String, Vec<String>) {
        let volatile: Vec<String> = volatile.iter().map(|pattern| (*pattern).to_owned()).collect();
        let compared = Comparison::new(&volatile).run(&recorded, &found);
        (text(&compared.differences), compared.redacted)
    }

    fn result(structured: Value) -> Value {
        json!({ "result": { "content": [], "structuredContent": structured, "isError": false } })
    }

    #[test]
    fn a_redaction_in_the_place_of_a_clear_value_is_equal() {
        let recorded =
            json!({ "mail": "ada@post.example", "note": "call +1 212 555 0101, or write", "n": 4111, "a@b.c": 1 });
        let found = json!({ "mail": "[REDACTED:email]", "note": "call [REDACTED:phone], or write",
            "n": "[REDACTED:credit_card]", "[REDACTED:email]": 1 });
        let (differences, redacted) = compare(&[], result(recorded.clone()), result(found));
        assert_eq!(differences, "");
        assert_eq!(
            redacted,
            ["the key `/[REDACTED:email]`", "`/mail`: `email`", "`/n`: `credit_card`", "`/note`: `phone`"]
        );
        let other =
            json!({ "mail": "[REDACTED:email]", "note": "ring [REDACTED:phone], or write", "n": 4111, "a@b.c": 1 });
        let (differences, _) = compare(&[], result(recorded), result(other));
        assert!(differences.starts_with("  `/note`: expected \"call +1"), "{differences}");
    }

    #[test]
    fn volatile_places_only_have_to_be_there() {
        let recorded = json!([{ "id": 1, "at": "10:00" }, { "id": 2, "at": "11:00" }]);
        let found = json!([{ "id": 7, "at": "12:00" }, { "id": 8 }]);
        let (differences, _) = compare(&["/*/at", "/0/id"], result(recorded), result(found));
        assert_eq!(differences, "  `/1/at`: expected \"11:00\", found nothing\n  `/1/id`: expected 2, found 8");
    }

    #[test]
    fn what_a_server_of_mcp_writes_is_understood() {
        let text = |text: &str| json!({ "result": { "content": [{ "type": "text", "text": text }] } });
        assert_eq!(compare(&[], text("[1,2]"), result(json!([1, 2]))).0, "");
        assert_eq!(compare(&[], text("{\"result\":[1]}"), result(json!([1]))).0, "");
        assert_eq!(compare(&[], text("hello"), text("hello")).0, "");
        assert_eq!(compare(&["/content/0/text"], text("10:00"), text("11:00")).0, "");
        let error = json!({ "error": { "code": -31000, "message": "nobody", "data": { "kind": "tool_error" } } });
        let failed = json!({ "result": { "content": [{ "type": "text", "text": "nobody" }], "isError": true } });
        assert_eq!(compare(&[], failed, error.clone()).0, "");
        let (differences, _) = compare(&[], text("hello"), error);
        assert!(differences.starts_with("  the whole: expected {\"result\""), "{differences}");
    }
}
