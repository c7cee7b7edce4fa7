//! The state of a case: entries before the call, and after it.

use std::collections::BTreeMap;

use mpp_host::causes::with_causes;
use mpp_host::sandbox::kv::State;
use serde_json::Value;

use crate::error::NotPrepared;

/// The entries of a state.
pub(crate) type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// Returns the bytes of a value as a case writes it.
pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        Value::Object(members) if members.len() == 1 && members.contains_key("hex") => {
            let text = members["hex"].as_str().ok_or("`hex` is not a text")?;
            from_hex(text).ok_or_else(|| format!("`{text}` is not hexadecimal"))
        }
        other => Ok(other.to_string().into_bytes()),
    }
}

/// Returns a stored value as a case writes it: JSON where it is JSON but a text, and hexadecimal where it is not text.
pub(crate) fn value(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::String(_)) | Err(_) => Value::from(text),
            Ok(value) => value,
        },
        Err(_) => serde_json::json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}

/// Returns the values of a state in the form of a case. Where `expected` has a text for a key, the text is taken as it is.
pub(crate) fn values(entries: &Entries, expected: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let shown = |(key, bytes): (&Vec<u8>, &Vec<u8>)| {
        let key = String::from_utf8_lossy(key).into_owned();
        let found = match (expected.get(&key), std::str::from_utf8(bytes)) {
            (Some(Value::String(_)), Ok(text)) => Value::from(text),
            _ => value(bytes),
        };
        (key, found)
    };
    entries.iter().map(shown).collect()
}

/// Writes the entries of a case.
pub(super) fn write(state: Option<&State>, given: &BTreeMap<String, Value>) -> Result<(), NotPrepared> {
    if given.is_empty() {
        return Ok(());
    }
    let failed = |message: String| NotPrepared::new("/given/kv", message);
    let Some(state) = state else {
        return Err(failed("the manifest does not declare `kv`, so the package has no state".to_owned()));
    };
    let mut entries = Vec::with_capacity(given.len());
    for (key, value) in given {
        entries.push((key.as_bytes(), bytes(value).map_err(failed)?));
    }
    let entries = entries.iter().map(|(key, value)| (*key, value.as_slice(), None));
    state.set(entries).map_err(|error| failed(format!("the entries cannot be written: {}", with_causes(&error))))
}

/// Reads the state.
pub(super) fn read(state: &State) -> Result<Entries, NotPrepared> {
    let mut entries = Entries::new();
    state
        .for_each(|entry| drop(entries.insert(entry.key.to_vec(), entry.value.to_vec())))
        .map_err(|error| NotPrepared::new("", format!("the state cannot be read: {}", with_causes(&error))))?;
    Ok(entries)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{bytes, value};
    use serde_json::json;

    #[test]
    fn values_are_written_as_a_case_writes_them() {
        for (written, stored) in [
            (json!("tea"), b"tea".as_slice()),
            (json!({"id": 7}), b"{\"id\":7}"),
            (json!(7), b"7"),
            (json!({"hex": "7Ae9"}), b"z\xe9"),
        ] {
            assert_eq!(bytes(&written).expect("bytes"), stored);
        }
        assert_eq!(value(b"tea"), json!("tea"));
        assert_eq!(value(b"{\"id\":7}"), json!({"id": 7}));
        assert_eq!(value(b"\xff\x00"), json!({"hex": "ff00"}));
        assert_eq!(bytes(&value(b"\"tea\"")).expect("bytes"), b"\"tea\"");
        assert!(bytes(&json!({"hex": "0"})).is_err() && bytes(&json!({"hex": "+1"})).is_err());
    }
}
