//! Secrets in what a test prints or writes: values of granted variables become `${NAME}`, credentials `[masked]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_host::package::manifest::{HostPattern, NetworkEntry};

/// What stands in place of a credential.
pub(crate) const MASKED: &str = "[masked]";
/// A shorter value is found in too much that has nothing to do with it; the host's own search for secrets begins here too.
const SHORTEST: usize = 8;
/// Parts of the names of headers that carry credentials.
const CREDENTIALS: &[&str] = &["auth", "cookie", "token", "secret", "api-key", "apikey", "password", "signature"];

/// Names of members of an answer that are credentials, without what joins their words.
const HANDED_OUT: &[&str] = &[
    "accesstoken",
    "apikey",
    "authtoken",
    "clientsecret",
    "idtoken",
    "password",
    "privatekey",
    "refreshtoken",
    "secret",
    "sessionid",
    "sessiontoken",
    "token",
];

/// What is secret about one loaded tool.
#[derive(Debug, Clone, Default)]
pub(crate) struct Masks(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Names and values, all of them.
    variables: BTreeMap<String, String>,
    /// Values, also as they stand in a URL, and names: the longest first.
    secret: Vec<(String, String)>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.variables.keys()).finish()
    }
}

impl Masks {
    /// `variables` are those that were granted. One that only says where a declared host is hides nothing.
    pub(crate) fn new(variables: BTreeMap<String, String>, declared: &[NetworkEntry]) -> Self {
        let patterns: Vec<HostPattern> =
            declared.iter().filter_map(|entry| HostPattern::parse(entry.host()).ok()).collect();
        let mut secret = Vec::new();
        for (name, value) in &variables {
            let value = value.trim();
            if value.len() < SHORTEST || is_origin(value, &patterns) {
                continue;
            }
            secret.push((value.to_owned(), name.clone()));
            let encoded = percent(value);
            if encoded != value {
                secret.push((encoded, name.clone()));
            }
        }
        secret.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self(Arc::new(Inner { variables, secret }))
    }

    /// Without the values of variables.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in &self.0.secret {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("${{{name}}}"));
            }
        }
        text
    }

    /// With the values of variables where their names stand.
    pub(crate) fn reveal(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0.variables {
            text = text.replace(&format!("${{{name}}}"), value.trim());
        }
        text
    }

    /// The value of a header, to be shown.
    pub(crate) fn header(&self, name: &str, value: &str) -> String {
        if is_credential(name) { MASKED.to_owned() } else { self.hide(value) }
    }
}

/// Whether a member of an answer's JSON has a name under which servers hand out credentials: `access_token`, `accessToken`.
pub(crate) fn is_handed_out(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    HANDED_OUT.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a header of this name carries a credential.
pub(crate) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIALS.iter().any(|part| name.contains(part))
}

/// `https://` and a declared host, and nothing that could be secret after it.
fn is_origin(value: &str, declared: &[HostPattern]) -> bool {
    let value = value.strip_suffix('/').unwrap_or(value);
    let host = value.strip_prefix("https://").or_else(|| value.starts_with("http://").then_some(value));
    host.and_then(|host| HostPattern::parse(host).ok())
        .is_some_and(|host| declared.iter().any(|pattern| pattern.covers(&host)))
}

/// RFC 3986, 2.3: all but the unreserved characters.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Masks, is_credential, is_handed_out};
    use mpp_host::package::manifest::NetworkEntry;

    #[test]
    fn values_become_names_and_names_become_values() {
        let variables = [
            ("KEY", "a secret+value"),
            ("URL", "https://api.crm.example/"),
            ("HOOK", "https://api.crm.example/hook/x1"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let declared: Vec<NetworkEntry> =
            serde_json::from_value(serde_json::json!(["api.crm.example"])).expect("entries");
        let masks = Masks::new(variables, &declared);
        assert_eq!(masks.hide("k=a secret+value&e=a%20secret%2Bvalue"), "k=${KEY}&e=${KEY}");
        assert_eq!(masks.hide("https://api.crm.example/v1"), "https://api.crm.example/v1", "an origin is no secret");
        assert_eq!(masks.hide("https://api.crm.example/hook/x1/y"), "${HOOK}/y", "a path may be");
        assert_eq!(masks.reveal("${KEY} ${URL}v1 ${NONE}"), "a secret+value https://api.crm.example/v1 ${NONE}");
        assert_eq!(masks.header("X-Api-Key", "anything"), "[masked]");
        assert!(is_handed_out("access_token") && is_handed_out("refreshToken") && !is_handed_out("token_count"));
        assert!(is_credential("Proxy-Authorization") && is_credential("Set-Cookie") && !is_credential("content-type"));
    }
}
