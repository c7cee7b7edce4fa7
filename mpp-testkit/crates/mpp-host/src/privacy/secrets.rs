//! Finds secret echoes: secret values that a call was given and that its answer must not contain.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use super::fold;
use super::span::{Source, Span};

/// The minimum length of a secret in characters. Shorter values would match by chance.
pub(super) const MIN_SECRET_CHARS: usize = 8;

/// All characters except the unreserved ones of RFC 3986, section 2.3.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The characters that JavaScript's `encodeURI` encodes, which exclude the separators of the parts of a URI.
const URI: &AsciiSet = &COMPONENT
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b';')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b',')
    .remove(b'#');

/// The secret values of one call, which its answer must not contain: variables and injected credentials.
///
/// The filter finds each value as it is, in Base64 (also within a longer encoded text), percent-encoded, in hexadecimal
/// and JSON-escaped. `Debug` shows only the names.
#[derive(Default)]
pub struct Secrets {
    names: Vec<String>,
    /// The index of the secret to which each needle belongs.
    owners: Vec<u32>,
    needles: Option<Needles>,
}

enum Needles {
    Automata {
        /// Quickly excludes text without a match.
        any: AhoCorasick,
        /// Finds all matches, including overlapping ones.
        all: AhoCorasick,
    },
    /// Needles that are too large for an automaton, searched for one by one.
    Plain(Vec<Zeroizing<String>>),
}

impl Secrets {
    /// Creates the secrets from names and values. Values shorter than eight characters are ignored.
    pub fn new<N, V>(values: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: AsRef<str>,
    {
        let mut names = Vec::new();
        let mut owners = Vec::new();
        let mut needles: Vec<Zeroizing<String>> = Vec::new();
        for (name, value) in values {
            let value = value.as_ref().trim();
            if value.chars().count() < MIN_SECRET_CHARS {
                continue;
            }
            let owner = u32::try_from(names.len()).unwrap_or(u32::MAX);
            names.push(name.into());
            let forms = forms(value);
            owners.extend(std::iter::repeat_n(owner, forms.len()));
            needles.extend(forms);
        }
        let needles = (!needles.is_empty()).then(|| Needles::new(needles));
        Self { names, owners, needles }
    }

    /// Returns an empty set of secrets.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    pub(super) fn name(&self, index: u32) -> &str {
        self.names.get(index as usize).map_or("", String::as_str)
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.needles.is_none()
    }

    /// Returns whether a text may contain a secret.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match &self.needles {
            None => false,
            Some(Needles::Automata { any, .. }) => any.is_match(text),
            Some(Needles::Plain(_)) => true,
        }
    }

    pub(super) fn scan(&self, text: &str, found: &mut Vec<Span>) {
        let span = |needle: usize, start, end| Span { start, end, source: Source::Secret(self.owners[needle]) };
        match &self.needles {
            None => {}
            Some(Needles::Automata { any, .. }) if !any.is_match(text) => {}
            Some(Needles::Automata { all, .. }) => {
                let hits = all.find_overlapping_iter(text);
                found.extend(hits.map(|hit| span(hit.pattern().as_usize(), hit.start(), hit.end())));
            }
            Some(Needles::Plain(needles)) => {
                for (index, needle) in needles.iter().enumerate() {
                    let hits = memchr::memmem::find_iter(text.as_bytes(), needle.as_bytes());
                    found.extend(hits.map(|start| span(index, start, start + needle.len())));
                }
            }
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Secrets").field(&self.names).finish()
    }
}

impl Needles {
    fn new(needles: Vec<Zeroizing<String>>) -> Self {
        let build = |kind| {
            let bytes = needles.iter().map(|needle| needle.as_bytes());
            AhoCorasick::builder().match_kind(kind).build(bytes)
        };
        match (build(MatchKind::LeftmostFirst), build(MatchKind::Standard)) {
            (Ok(any), Ok(all)) => Self::Automata { any, all },
            _ => Self::Plain(needles),
        }
    }
}

/// Returns all forms in which a value is searched for.
fn forms(value: &str) -> Vec<Zeroizing<String>> {
    let mut forms: Vec<Zeroizing<String>> = vec![Zeroizing::new(value.to_owned())];
    if let Some(view) = fold::fold(value) {
        forms.push(Zeroizing::new(view.text));
    }
    let bytes = value.as_bytes();
    for upper in [true, false] {
        forms.push(percent(bytes, COMPONENT, upper));
        forms.push(percent(bytes, URI, upper));
        forms.push(Zeroizing::new(if upper { hex::encode_upper(bytes) } else { hex::encode(bytes) }));
    }
    for skipped in 0..3 {
        forms.push(base64_core(&STANDARD, bytes, skipped));
        forms.push(base64_core(&URL_SAFE, bytes, skipped));
    }
    if let Ok(json) = serde_json::to_string(value) {
        forms.push(Zeroizing::new(json[1..json.len() - 1].to_owned()));
    }
    if value.contains('\n') {
        let lines = value.lines().map(str::trim).filter(|line| line.len() >= 16 && !line.starts_with("-----"));
        forms.extend(lines.map(|line| Zeroizing::new(line.to_owned())));
    }
    forms.sort_by(|a, b| a.as_str().cmp(b));
    forms.dedup_by(|a, b| a.as_str() == b.as_str());
    forms.retain(|form| form.len() >= MIN_SECRET_CHARS);
    forms
}

/// Percent-encodes the bytes in `set`, with upper-case or lower-case hex digits.
fn percent(bytes: &[u8], set: &'static AsciiSet, upper: bool) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(bytes.len() * 3));
    for piece in percent_encode(bytes, set) {
        // A piece is either one encoded byte or a sequence of unchanged bytes.
        match piece.strip_prefix('%').filter(|_| !upper) {
            Some(digits) => {
                out.push('%');
                out.extend(digits.chars().map(|digit| digit.to_ascii_lowercase()));
            }
            None => out.push_str(piece),
        }
    }
    out
}

/// Returns the Base64 digits that depend only on `bytes` if `skipped` (0 to 2) unknown bytes precede them.
fn base64_core(engine: &impl base64::Engine, bytes: &[u8], skipped: usize) -> Zeroizing<String> {
    let mut padded = Zeroizing::new(vec![0; skipped]);
    padded.extend_from_slice(bytes);
    let encoded = Zeroizing::new(engine.encode(padded.as_slice()));
    let first = (skipped * 8).div_ceil(6);
    let last = (padded.len() * 8) / 6;
    Zeroizing::new(encoded[first..last].to_owned())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    fn finds(secret: &str, text: &str) -> bool {
        let mut found = Vec::new();
        Secrets::new([("KEY", secret)]).scan(text, &mut found);
        !found.is_empty()
    }

    #[test]
    fn secrets_have_at_least_eight_characters() {
        assert!(!finds("1234567", "1234567"));
        assert!(finds("12345678", "x12345678y"));
        assert!(finds("ééééüüüü", "ééééüüüü"));
    }

    #[test]
    fn finds_secrets_in_common_encodings() {
        let secret = "s3cr/t+va&lue=";
        let encodings = [
            secret.to_owned(),
            STANDARD.encode(secret),
            URL_SAFE.encode(secret),
            STANDARD.encode(format!("user:{secret}")),
            STANDARD.encode(format!("ab:{secret}:tail")),
            URL_SAFE.encode(format!("a{secret}")),
            "s3cr%2Ft%2Bva%26lue%3D".to_owned(),
            "s3cr%2ft%2bva%26lue%3d".to_owned(),
            "733363722f742b7661266c75653d".to_owned(),
        ];
        for text in encodings {
            assert!(finds(secret, &format!("x {text} y")), "{text}");
        }
        assert!(!finds(secret, "s3cr/t and value"));
        assert!(finds("pa\"ss\\word", r#"{"k":"pa\"ss\\word"}"#));
    }

    #[test]
    fn a_line_of_a_key_file_is_a_secret_too() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIOXo\nAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n";
        assert!(finds(pem, "key: MC4CAQAwBQYDK2VwBCIEIOXo"));
        assert!(!finds(pem, "-----BEGIN PRIVATE KEY-----"));
    }

    #[test]
    fn debug_output_contains_names_only() {
        assert_eq!(format!("{:?}", Secrets::new([("API_KEY", "hunter2hunter2")])), "Secrets([\"API_KEY\"])");
    }
}
