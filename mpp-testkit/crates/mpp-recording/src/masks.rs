//! Masks secrets in text that is shown or stored: values of granted variables become `${NAME}`, credentials `[masked]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_host::package::manifest::{HostPattern, NetworkEntry};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Replaces a credential.
pub(crate) const MASKED: &str = "[masked]";
/// Length from which a value is masked. A shorter one would be found in unrelated text; the host's privacy filter uses the
/// same limit.
const SHORTEST: usize = 8;
/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Parts of the names of headers that carry credentials.
const CREDENTIAL_HEADERS: &[&str] =
    &["auth", "cookie", "token", "secret", "api-key", "apikey", "password", "signature"];

/// Names of JSON members whose values are credentials, in lower case and without separators.
const CREDENTIAL_MEMBERS: &[&str] = &[
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

/// The secrets of one tool, and how they are masked and restored. Clones share the secrets.
///
/// `Debug` prints the names of the variables only.
///
/// ```
/// use mpp_recording::Masks;
///
/// let masks = Masks::new([("TOKEN".to_owned(), "a secret value".to_owned())].into(), &[]);
/// assert_eq!(masks.hide("?key=a%20secret%20value"), "?key=${TOKEN}");
/// assert_eq!(masks.reveal("Bearer ${TOKEN}"), "Bearer a secret value");
/// assert_eq!(masks.header("authorization", "Basic eDp5"), "[masked]");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Masks(Arc<Secrets>);

#[derive(Default)]
struct Secrets {
    /// Values of all variables, by name.
    variables: BTreeMap<String, String>,
    /// Values to mask, plain and percent-encoded, with their names; the longest first.
    values: Vec<(String, String)>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.variables.keys()).finish()
    }
}

impl Masks {
    /// Masks the values of `variables`, which were granted to the tool. Values shorter than 8 characters are not masked,
    /// nor is a value that is only the origin of one of the `declared` hosts.
    #[must_use]
    pub fn new(variables: BTreeMap<String, String>, declared: &[NetworkEntry]) -> Self {
        let patterns: Vec<HostPattern> =
            declared.iter().filter_map(|entry| HostPattern::parse(entry.host()).ok()).collect();
        let mut values = Vec::new();
        for (name, value) in &variables {
            let value = value.trim();
            if value.len() < SHORTEST || is_origin(value, &patterns) {
                continue;
            }
            values.push((value.to_owned(), name.clone()));
            let encoded = utf8_percent_encode(value, RESERVED).to_string();
            if encoded != value {
                values.push((encoded, name.clone()));
            }
        }
        values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self(Arc::new(Secrets { variables, values }))
    }

    /// Replaces the values of variables by `${NAME}`.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in &self.0.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("${{{name}}}"));
            }
        }
        text
    }

    /// Replaces `${NAME}` by the values of variables.
    #[must_use]
    pub fn reveal(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0.variables {
            text = text.replace(&format!("${{{name}}}"), value.trim());
        }
        text
    }

    /// Returns the value of a header as it may be shown: `[masked]` where the header carries a credential.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if is_credential_header(name) { MASKED.to_owned() } else { self.hide(value) }
    }
}

/// Returns whether a JSON member of this name holds a credential: `access_token`, `accessToken`.
pub(crate) fn is_credential_member(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    CREDENTIAL_MEMBERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns whether a header of this name carries a credential.
pub(crate) fn is_credential_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIAL_HEADERS.iter().any(|part| name.contains(part))
}

/// Returns whether a value is the origin of a declared host, with nothing after it that could be secret.
fn is_origin(value: &str, declared: &[HostPattern]) -> bool {
    let value = value.strip_suffix('/').unwrap_or(value);
    let host = value.strip_prefix("https://").or_else(|| value.starts_with("http://").then_some(value));
    host.and_then(|host| HostPattern::parse(host).ok())
        .is_some_and(|host| declared.iter().any(|pattern| pattern.covers(&host)))
}

#[cfg(test)]
mod tests {
    use super::{Masks, is_credential_header, is_credential_member};
    use mpp_host::package::manifest::NetworkEntry;

    fn masks() -> Masks {
        let variables = [
            ("KEY", "a secret+value"),
            ("URL", "https://api.crm.example/"),
            ("HOOK", "https://api.crm.example/hook/x1"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let declared: Vec<NetworkEntry> =
            serde_json::from_value(serde_json::json!(["api.crm.example"])).expect("entries");
        Masks::new(variables, &declared)
    }

    #[test]
    fn masks_values_plain_and_percent_encoded() {
        assert_eq!(masks().hide("k=a secret+value&e=a%20secret%2Bvalue"), "k=${KEY}&e=${KEY}");
    }

    #[test]
    fn masks_the_url_of_a_hook_but_not_the_origin_of_a_declared_host() {
        assert_eq!(masks().hide("https://api.crm.example/v1"), "https://api.crm.example/v1");
        assert_eq!(masks().hide("https://api.crm.example/hook/x1/y"), "${HOOK}/y");
    }

    #[test]
    fn restores_known_names_only() {
        assert_eq!(masks().reveal("${KEY} ${URL}v1 ${NONE}"), "a secret+value https://api.crm.example/v1 ${NONE}");
    }

    #[test]
    fn masks_headers_and_members_that_hold_credentials() {
        assert_eq!(masks().header("X-Api-Key", "anything"), "[masked]");
        assert!(is_credential_member("access_token") && is_credential_member("refreshToken"));
        assert!(!is_credential_member("token_count"));
        assert!(is_credential_header("Proxy-Authorization") && is_credential_header("Set-Cookie"));
        assert!(!is_credential_header("content-type"));
    }
}
