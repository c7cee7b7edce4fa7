//! JSON on stdout: one document for each command, with stable member names, safe to show on a terminal.

use serde::Serialize;

use mpp_host::text::is_dangerous;

/// Formats `value` as JSON text with a final newline. Characters that a terminal interprets are written as `\uXXXX`.
pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(escape_in_json(&text))
}

/// Replaces every character in JSON text that a terminal interprets by `\uXXXX`. The value stays the same.
pub(crate) fn escape_in_json(json: &str) -> String {
    // Outside strings JSON holds no such character but line breaks and tabs, so one rule serves the whole text.
    let dangerous = |c: char| is_dangerous(c) && !matches!(c, '\n' | '\t' | '\r');
    if !json.contains(dangerous) {
        return json.to_owned();
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if dangerous(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn escapes_without_changing_the_value() {
        let value = serde_json::json!({"a\u{202e}b": ["\u{1b}[2J", "\u{9b}", "\u{e0041}", "é"]});
        let text = document(&value).expect("serialises");
        assert!(text.chars().all(|c| c == '\n' || !super::is_dangerous(c)), "{text}");
        assert!(text.contains("\\u202e") && text.contains("\\udb40\\udc41") && text.contains('é'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("is JSON"), value);
    }
}
