//! `null` for a key that may be left out: models write it, and it means the same.
//!
//! The published schema of an optional argument has no form `null`, because some model providers refuse one. The host removes
//! such members before the call. The rest of the text stays as it was written, so that numbers keep every digit.

use jsonschema::Validator;
use serde_json::Value;
use serde_json::value::RawValue;

use super::mistakes;
use crate::package::json::{Members, pointer_part};

/// Returns the JSON pointers of the members that are `null` where the schema does not allow it and does not require the key.
pub(super) fn find(validator: &Validator, value: &Value) -> Vec<String> {
    let mut found = mistakes::nulls(validator, value);
    found.retain(|pointer| is_member(value, pointer));
    if found.is_empty() {
        return found;
    }
    let missing = mistakes::missing(validator, &without(value, &found));
    found.retain(|pointer| !missing.contains(pointer));
    found
}

/// Returns whether the pointer names a member of an object.
fn is_member(value: &Value, pointer: &str) -> bool {
    pointer.rsplit_once('/').and_then(|(parent, _)| value.pointer(parent)).is_some_and(Value::is_object)
}

/// Returns the value without these members.
pub(super) fn without(value: &Value, pointers: &[String]) -> Value {
    let mut value = value.clone();
    for pointer in pointers {
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        if let Some(Value::Object(members)) = value.pointer_mut(parent) {
            members.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
        }
    }
    value
}

/// Returns the JSON text without these members.
pub(super) fn without_in_text(text: &str, pointers: &[String]) -> Option<String> {
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    let mut out = String::new();
    copy(raw, "", pointers, &mut out)?;
    Some(out)
}

fn copy(raw: &RawValue, at: &str, omitted: &[String], out: &mut String) -> Option<()> {
    let text = raw.get();
    let is_above = omitted.iter().any(|pointer| pointer.strip_prefix(at).is_some_and(|rest| rest.starts_with('/')));
    if !is_above {
        out.push_str(text);
        return Some(());
    }
    if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        out.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            copy(item, &format!("{at}/{index}"), omitted, out)?;
        }
        out.push(']');
        return Some(());
    }
    let Members(members) = serde_json::from_str(text).ok()?;
    out.push('{');
    let mut is_first = true;
    for (key, value) in members {
        let at = format!("{at}{}", pointer_part(&key));
        if omitted.contains(&at) {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        out.push_str(&Value::from(key).to_string());
        out.push(':');
        copy(value, &at, omitted, out)?;
    }
    out.push('}');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::without_in_text;

    #[test]
    fn the_rest_of_the_text_stays_as_it_was_written() {
        let text = r#"{ "a/b": null, "n": 1.50, "list": [ {"x":null, "y": 1e2}, 3 ], "keep": {"z": null} }"#;
        let omitted = ["/a~1b".to_owned(), "/list/0/x".to_owned()];
        let rest = without_in_text(text, &omitted);
        assert_eq!(rest.as_deref(), Some(r#"{"n":1.50,"list":[{"y":1e2},3],"keep":{"z": null}}"#));
    }
}
