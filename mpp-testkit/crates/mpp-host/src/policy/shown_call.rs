//! A call as it is shown to whoever approves it: its arguments without secrets, shortened, and what it may use.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Ability, Wants};
use crate::package::json;
use crate::package::manifest::{Manifest, PrivacyFilters};
use crate::privacy::{PrivacyFilter, Secrets};

/// Maximum length of a string, in characters.
const LONGEST_STRING: usize = 200;
/// Maximum number of members of an object or items of a list.
const MOST_MEMBERS: usize = 30;
/// Maximum number of lines.
const MOST_LINES: usize = 80;
/// What is shown in place of a secret.
const HIDDEN: &str = "[hidden]";
/// Endings of names, in lower case and without separators, whose values are secrets.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "credential",
    "credentials",
    "authorization",
    "cookie",
];

/// A call that a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ShownCall {
    /// The arguments as indented JSON. Secrets are replaced, and long strings, lists and objects are cut; the text says so where
    /// it was cut. It may contain any character that JSON does not escape, so a terminal must escape it.
    pub arguments: String,
    /// What the package may use while it handles the call.
    pub may: Vec<Ability>,
}

impl ShownCall {
    /// Creates a call that is shown with these arguments, which must not contain secrets.
    #[must_use]
    pub fn new(arguments: &str, may: Vec<Ability>) -> Self {
        Self { arguments: arguments.to_owned(), may }
    }

    /// Returns a call of a tool outside the sandbox as it is shown. `arguments` is JSON text; `secrets` are the values that the server
    /// was given.
    pub(crate) fn of_server(arguments: &str, secrets: &Secrets) -> Self {
        Self { arguments: shown(arguments, secrets), may: Vec::new() }
    }

    /// Returns the call as it is shown. `arguments` is JSON text; `secrets` are the values that the package was given.
    pub(crate) fn of(manifest: &Manifest, arguments: &str, secrets: &Secrets) -> Self {
        let abilities = Wants::of(manifest).abilities.into_iter();
        let may = abilities.filter(|ability| !matches!(ability, Ability::Level(_))).collect();
        Self { arguments: shown(arguments, secrets), may }
    }
}

/// Returns the arguments without secrets, cut and indented.
fn shown(arguments: &str, secrets: &Secrets) -> String {
    let unreadable = || format!("{} bytes that are not a JSON object", arguments.len());
    let keys = PrivacyFilters { patterns: vec!["api_key".to_owned()], ..PrivacyFilters::default() };
    let Ok(filter) = PrivacyFilter::compile(&keys, &[]) else { return unreadable() };
    // Secrets are replaced before anything is cut, so that no part of one remains.
    let filtered = filter.filter_json(arguments, secrets, "").value;
    let Ok(value) = json::parse(filtered.as_bytes()) else { return unreadable() };
    if !value.is_object() {
        return unreadable();
    }
    let text = serde_json::to_string_pretty(&cut(value)).unwrap_or_default();
    let lines = text.lines().count();
    if lines <= MOST_LINES {
        return text;
    }
    let mut text = text.lines().take(MOST_LINES).collect::<Vec<_>>().join("\n");
    text.push_str(&format!("\n… and {} more lines", lines - MOST_LINES));
    text
}

fn cut(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let length = text.chars().count();
            if length <= LONGEST_STRING {
                return Value::String(text);
            }
            let start: String = text.chars().take(LONGEST_STRING).collect();
            Value::String(format!("{start}… ({length} characters in all)"))
        }
        Value::Array(items) => {
            let more = items.len().saturating_sub(MOST_MEMBERS);
            let mut shown: Vec<Value> = items.into_iter().take(MOST_MEMBERS).map(cut).collect();
            if more > 0 {
                shown.push(format!("… and {more} more items").into());
            }
            Value::Array(shown)
        }
        Value::Object(members) => {
            let more = members.len().saturating_sub(MOST_MEMBERS);
            let mut shown: Map<String, Value> = members.into_iter().take(MOST_MEMBERS).map(member).collect();
            if more > 0 {
                shown.insert("…".to_owned(), format!("and {more} more members").into());
            }
            Value::Object(shown)
        }
        other => other,
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let is_secret = is_secret_name(&name) && !matches!(value, Value::Null | Value::Bool(_) | Value::Object(_));
    let value = if is_secret { HIDDEN.into() } else { cut(value) };
    let Value::String(name) = cut(name.into()) else { return (String::new(), value) };
    (name, value)
}

fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET_NAMES
        .iter()
        .any(|secret| plain.strip_suffix('s').unwrap_or(&plain).ends_with(secret) || plain.ends_with(secret))
        && !["maxtoken", "maxtokens", "numtokens"].contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Secrets, is_secret_name, shown};

    #[test]
    fn shows_what_a_person_decides_about_and_no_secrets() {
        let secrets = Secrets::new([("CRM_KEY", "correct-horse-battery")]);
        let arguments = r#"{"to":"ada@example.com","amount":1.50,"note":"use correct-horse-battery","login":{"password":"hunter2","user":"ada"}}"#;
        let text = shown(arguments, &secrets);
        for part in [
            "\"to\": \"ada@example.com\"",
            "1.5",
            "[REDACTED:env:CRM_KEY]",
            "\"password\": \"[hidden]\"",
            "\"user\": \"ada\"",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("hunter2") && !text.contains("battery"), "{text}");
    }

    #[test]
    fn says_where_it_cuts() {
        let text =
            shown(&serde_json::json!({"text": "x".repeat(5000), "list": vec![1; 500]}).to_string(), &Secrets::none());
        assert!(text.contains("(5000 characters in all)") && text.contains("and 470 more items"), "{text}");
        assert!(text.len() < 2000, "{text}");
        let many: serde_json::Map<_, _> = (0..90).map(|n| (format!("k{n}"), vec![vec![n; 3]; 9].into())).collect();
        let text = shown(&serde_json::Value::Object(many).to_string(), &Secrets::none());
        assert!(text.lines().count() == 81 && text.contains("more lines"), "{text}");
        assert_eq!(shown("[1]", &Secrets::none()), "3 bytes that are not a JSON object");
        assert_eq!(shown("{", &Secrets::none()), "1 bytes that are not a JSON object");
    }

    #[test]
    fn names_of_secrets_are_recognized() {
        for name in ["password", "dbPassword", "API_KEY", "api-keys", "access_token", "Authorization", "client_secret"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["max_tokens", "tokenizer", "secretary", "key", "passport", "author"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
