//! Redacts secrets and personal data in the lines of a capture.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpp_host::package::manifest::PrivacyFilters;
use mpp_host::privacy::{PrivacyFilter, Secrets};

use super::error::CaptureError;

/// Redacts the values of variables and everything that a built-in pattern of the privacy filter finds.
#[derive(Debug)]
pub struct Redactor {
    filter: Arc<PrivacyFilter>,
    secrets: Secrets,
    /// Names and values of the secrets.
    known: Known,
}

/// Names and values. `Debug` shows the names only.
#[derive(Default)]
struct Known(Vec<(String, String)>);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Number of redactions, by the id of the pattern.
pub(super) type Counts = BTreeMap<String, u64>;

impl Redactor {
    /// Creates a redactor for these secrets, each with the name that appears in place of its value. Values shorter than eight
    /// characters are not redacted.
    ///
    /// # Errors
    /// Returns an error if the patterns of the privacy filter cannot be compiled.
    pub fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Result<Self, CaptureError> {
        let mut config = PrivacyFilters::default();
        config.patterns = vec!["*".to_owned()];
        let filter = PrivacyFilter::compile(&config, &[])
            .map_err(|error| CaptureError::Write(std::io::Error::other(error.to_string())))?;
        let mut redactor = Self { filter, secrets: Secrets::default(), known: Known(secrets.into_iter().collect()) };
        redactor.prepare();
        Ok(redactor)
    }

    /// Adds a secret that was not known at the beginning.
    pub(super) fn add(&mut self, name: String, value: String) {
        if !self.known.0.iter().any(|(_, known)| *known == value) {
            self.known.0.push((name, value));
            self.prepare();
        }
    }

    fn prepare(&mut self) {
        self.secrets = Secrets::new(self.known.0.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }

    /// Redacts a JSON text.
    pub(super) fn json(&self, json: &str) -> (String, Counts) {
        let filtered = self.filter.filter_json(json, &self.secrets, "");
        (filtered.value, filtered.report.counts)
    }

    /// Redacts a plain text.
    pub(super) fn text(&self, text: &str) -> (String, Counts) {
        let filtered = self.filter.filter_text(text, &self.secrets);
        (filtered.value, filtered.report.counts)
    }
}

/// Parts of the names of variables that hold credentials.
const CREDENTIALS: &[&str] = &[
    "KEY",
    "TOKEN",
    "SECRET",
    "PASS",
    "CREDENTIAL",
    "AUTH",
    "PAT",
    "DSN",
    "COOKIE",
    "SESSION",
    "PRIVATE",
    "DATABASE_URL",
];
/// Variables that describe the machine or the user's shell.
const PUBLIC: &[&str] = &[
    "COLORTERM",
    "DISPLAY",
    "EDITOR",
    "HOSTNAME",
    "LANG",
    "LANGUAGE",
    "LOGNAME",
    "LS_COLORS",
    "PAGER",
    "SHELL",
    "TERM",
    "TZ",
    "USER",
    "USERNAME",
];

/// Returns the variables whose values are treated as secrets: those whose names look like credentials, and every other one whose
/// value is neither a path, a list of paths, nor a setting of the machine.
///
/// ```
/// use mpp_mcp::capture::secret_variables;
///
/// let variables = [("API_KEY", "/looks/like/a/path"), ("PATH", "/usr/bin:/bin"), ("CUSTOMER", "Ada Lovelace"), ("LANG", "en_GB.UTF-8")];
/// let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
/// let secret: Vec<String> = secret_variables(variables).into_iter().map(|(name, _)| name).collect();
/// assert_eq!(secret, ["API_KEY", "CUSTOMER"]);
/// ```
#[must_use]
pub fn secret_variables(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    variables.into_iter().filter(|(name, value)| is_secret(&name.to_ascii_uppercase(), value)).collect()
}

/// Returns the parameters of a URL's query whose names look like credentials, each value as it is written and as it is meant.
///
/// ```
/// use mpp_mcp::capture::secret_parameters;
///
/// let secret = secret_parameters("https://mcp.example.com/mcp?profile=research&api_key=a%2Fb");
/// assert_eq!(secret, [("api_key".to_owned(), "a%2Fb".to_owned()), ("api_key".to_owned(), "a/b".to_owned())]);
/// ```
#[must_use]
pub fn secret_parameters(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default()).unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let secret = pairs.filter(|(name, _)| names_credential(&name.to_ascii_uppercase()));
    let both = |(name, value): (&str, &str)| {
        let decoded = percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
        let decoded = Some(decoded).filter(|decoded| decoded != value);
        [Some(value.to_owned()), decoded]
            .into_iter()
            .flatten()
            .map(|value| (name.to_owned(), value))
            .collect::<Vec<_>>()
    };
    secret.flat_map(both).collect()
}

/// Returns whether a name in capitals looks like that of a credential.
fn names_credential(name: &str) -> bool {
    // `PAT` and `KEY` are words of a name: `GITHUB_PAT` is a token, `PATH` is not.
    let is_credential = |part: &str| match part {
        "PAT" | "KEY" => name.split('_').any(|word| word == part || word.ends_with("KEY") && part == "KEY"),
        part => name.contains(part),
    };
    CREDENTIALS.iter().any(|part| is_credential(part))
}

fn is_secret(name: &str, value: &str) -> bool {
    if names_credential(name) {
        return true;
    }
    let is_path = value.split([':', ';']).all(|part| part.is_empty() || part.starts_with(['/', '~', '.']));
    !(is_path || name.starts_with("LC_") || name.starts_with("XDG_") || PUBLIC.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn redacts_secrets_first_and_then_patterns() {
        let redactor = Redactor::new([("CRM_KEY".to_owned(), "ada@post.example".to_owned())]).expect("patterns");
        let (json, counts) = redactor.json(r#"{"id":1,"key":"ada@post.example","mail":"bob@post.example","n":1.50}"#);
        assert_eq!(json, r#"{"id":1,"key":"[REDACTED:env:CRM_KEY]","mail":"[REDACTED:email]","n":1.50}"#);
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("email".to_owned(), 1), ("env:CRM_KEY".to_owned(), 1)]);
        assert_eq!(redactor.text("write to bob@post.example").0, "write to [REDACTED:email]");
    }
}
