//! Compares the recorded answer to a call with the answer of the package.

use std::time::SystemTime;

use mpp_recording::{Comparison, difference};
use serde::Serialize;
use serde_json::{Value, json};

use super::volatile::Volatile;
use super::{prepare, volatile};
use crate::capture::CapturedCall;

/// How two answers differ, from the least to the most severe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DifferenceClass {
    /// They do not differ.
    #[default]
    Identical,
    /// The package's answer has a redaction in place of the recorded value.
    Redacted,
    /// The value differs in every call: it is declared to, or it is a time or an id.
    Volatile,
    /// They differ.
    Different,
    /// One of them is an error, and the other is not; or the package failed.
    Error,
}

/// A difference at one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PlacedDifference {
    /// JSON pointer. It leads into the structured result, or begins with `/content/`, `/message` or `/data`.
    pub pointer: String,
    /// How the values differ.
    pub class: DifferenceClass,
    /// The recorded value; absent where nothing was recorded, and where the package's value is a redaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// The package's value; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
    /// Ids of the patterns of a redaction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
}

/// The comparison of one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CallComparison {
    /// The most severe class of the differences.
    pub class: DifferenceClass,
    /// The differences.
    pub differences: Vec<PlacedDifference>,
}

/// Compares two outcomes, each `{"result": …}` or `{"error": …}`.
pub(super) fn calls(
    call: &CapturedCall,
    expected: &Value,
    outcome: &Value,
    at: Option<SystemTime>,
    declared: &Volatile,
) -> CallComparison {
    let found = prepare::found(outcome);
    let recorded = prepare::recorded(expected, &found);
    let compared = Comparison::default().compare(&recorded, &found);
    let is_failure = fails(expected) != fails(outcome);
    let mut differences: Vec<PlacedDifference> = Vec::new();
    for redaction in compared.redactions {
        differences.push(PlacedDifference {
            pointer: redaction.pointer,
            class: DifferenceClass::Redacted,
            recorded: None,
            found: None,
            patterns: redaction.patterns,
        });
    }
    for place in compared.differences {
        let inner = match (&place.expected, &place.found) {
            (Some(recorded), Some(found)) => inside(&place.pointer, recorded, found),
            _ => None,
        };
        let places = inner.unwrap_or_else(|| vec![(place.pointer, place.expected, place.found)]);
        for (pointer, recorded, found) in places {
            let class = match (&recorded, &found) {
                _ if is_failure => DifferenceClass::Error,
                (Some(recorded), Some(found)) if call.is_redacted && is_masked(recorded, found) => {
                    DifferenceClass::Redacted
                }
                (Some(_), Some(_)) if declared.covers(&call.tool, &pointer) => DifferenceClass::Volatile,
                // The package reads the clock of the recorded call, so that both calls have one time.
                (Some(recorded), Some(found)) if volatile::is_recognised(recorded, found, at, at) => {
                    DifferenceClass::Volatile
                }
                _ => DifferenceClass::Different,
            };
            differences.push(PlacedDifference { pointer, class, recorded, found, patterns: Vec::new() });
        }
    }
    let class = differences.iter().map(|difference| difference.class).max().unwrap_or_default();
    CallComparison { class, differences }
}

/// Returns whether an answer is an error, to a client.
fn fails(outcome: &Value) -> bool {
    outcome.get("error").is_some() || outcome.pointer("/result/isError") == Some(&Value::Bool(true))
}

/// Returns whether the package's value is the recorded one, apart from what was redacted when it was recorded.
fn is_masked(recorded: &Value, found: &Value) -> bool {
    let result = |value: &Value| json!({ "result": { "structuredContent": value } });
    let compared = Comparison::default().compare(&result(found), &result(recorded));
    compared.differences.is_empty() && !compared.redactions.is_empty()
}

/// A difference: pointer, recorded value and found value.
type Place = (String, Option<Value>, Option<Value>);

/// Compares two texts that are JSON as JSON. `None` if they are not.
fn inside(at: &str, recorded: &Value, found: &Value) -> Option<Vec<Place>> {
    let (recorded, found) = (prepare::as_json(recorded)?, prepare::as_json(found)?);
    let places = difference::compare(at, &recorded, &found);
    Some(places.into_iter().map(|place| (place.pointer, place.expected, place.found)).collect())
}

#[cfg(test)]
mod tests {
    use super::{DifferenceClass, calls};
    use crate::capture::Capture;
    use crate::replay::Volatile;
    use serde_json::{Value, json};

    fn compare(expected: Value, found: Value, volatile: &str) -> Vec<(String, DifferenceClass)> {
        let line = json!({"at": 1, "from": "client", "message": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t"}}});
        let text =
            format!("{}\n{line}\n", json!({"capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio"}));
        let conversation = Capture::parse(text.as_bytes()).expect("a capture").conversation();
        let mut declared = Volatile::default();
        declared.add_file(volatile).expect("rules");
        let at = mpp_host::clock::parse_rfc3339("2026-01-01T00:00:00Z");
        let compared = calls(&conversation.calls[0], &expected, &found, at, &declared);
        compared.differences.into_iter().map(|place| (place.pointer, place.class)).collect()
    }

    fn text(text: &str) -> Value {
        json!({"result": {"content": [{"type": "text", "text": text, "annotations": null}], "isError": false}})
    }

    fn structured(value: Value) -> Value {
        json!({"result": {"content": [], "structuredContent": value, "isError": false}})
    }

    #[test]
    fn what_a_client_sees_is_compared_in_whatever_form_it_came() {
        for (expected, found) in [
            (text("{\"a\": [1, 2]}"), structured(json!({"a": [1, 2]}))),
            (
                json!({"result": {"content": [{"type": "text", "text": "hi"}], "structuredContent": {"result": "hi"}}}),
                text("hi"),
            ),
            (
                json!({"result": {"content": [{"type": "text", "text": "{\"a\":1}"}, {"type": "text", "text": "{\"a\":2}"}]}}),
                structured(json!([{"a": 1}, {"a": 2}])),
            ),
            (text("{\"b\":1,\"a\":2}"), text("{\"a\": 2, \"b\": 1}")),
            (
                json!({"result": {"content": [{"type": "text", "text": "no such zone"}], "isError": true}}),
                json!({"error": {"code": -31000, "message": "no such zone", "data": {"kind": "tool_error"}}}),
            ),
            // Libraries wrap messages, and hosts refuse arguments in words of their own.
            (
                json!({"result": {"content": [{"type": "text", "text": "Error executing tool t: no such zone"}], "isError": true}}),
                json!({"error": {"code": -31000, "message": "no such zone", "data": {"kind": "tool_error"}}}),
            ),
            (
                json!({"result": {"content": [{"type": "text", "text": "1 validation error for tArguments"}], "isError": true}}),
                json!({"error": {"code": -32602, "message": "`time` is missing", "data": {"kind": "invalid_arguments"}}}),
            ),
        ] {
            assert_eq!(compare(expected.clone(), found.clone(), ""), [], "{expected} {found}");
        }
    }

    #[test]
    fn what_was_redacted_while_recording_is_compared_around_the_redactions() {
        let masked = |recorded: &str, found: &str| super::is_masked(&json!(recorded), &json!(found));
        assert!(masked("[REDACTED:ip_address] is up", "192.0.2.7 is up"));
        assert!(!masked("[REDACTED:ip_address] is up", "192.0.2.7 is down"));
        assert!(!masked("is up", "is down"));
    }

    #[test]
    fn each_difference_has_its_class() {
        use DifferenceClass::{Different, Error, Redacted, Volatile};
        let expected = json!({"mail": "ada@post.example", "at": "2026-01-01T00:00:00Z", "id": 7, "n": 1});
        let found = json!({"mail": "[REDACTED:email]", "at": "2026-01-01T00:00:05Z", "id": 8, "n": 2});
        let places = compare(text(&expected.to_string()), structured(found), "t /id");
        let place = |pointer: &str, class| (pointer.to_owned(), class);
        assert_eq!(
            places,
            [place("/mail", Redacted), place("/at", Volatile), place("/id", Volatile), place("/n", Different)]
        );
        let places = compare(text("{\"n\":1}"), text("{\"n\":2}"), "");
        assert_eq!(places, [place("/content/0/text/n", Different)]);
        let failed = json!({"error": {"code": -31000, "message": "broken", "data": {"kind": "tool_error"}}});
        assert_eq!(compare(text("fine"), failed, ""), [place("", Error)]);
    }
}
