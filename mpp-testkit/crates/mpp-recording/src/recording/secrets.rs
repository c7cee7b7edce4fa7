//! Markers: what takes the place of the values of variables in a recording.
//!
//! A marker names the variable and the encoding in which its value was found: `{{1f0c…:CRM_API_KEY:text}}`. Each recording has a
//! random word of its own in its markers, so that nothing else can be mistaken for one.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Length in bytes from which a value, or an encoded one, is hidden: that of the privacy filter and of fixtures.
const SHORTEST: usize = 8;
/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The values of the variables of a call, and their markers in one recording. `Debug` does not print values.
#[derive(Clone)]
pub struct Markers {
    word: String,
    /// Values and markers; the longest values first.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl std::fmt::Debug for Markers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Markers").field("word", &self.word).field("pairs", &self.pairs.len()).finish()
    }
}

impl Markers {
    /// Creates the markers of a new recording.
    ///
    /// ```
    /// use mpp_recording::recording::Markers;
    ///
    /// let markers = Markers::generate(&[("TOKEN".to_owned(), "correct horse".to_owned())]);
    /// let hidden = markers.hide(b"?key=correct%20horse");
    /// assert!(!String::from_utf8_lossy(&hidden).contains("horse"));
    /// assert_eq!(markers.reveal(&hidden), b"?key=correct%20horse");
    /// ```
    #[must_use]
    pub fn generate(variables: &[(String, String)]) -> Self {
        // The standard library seeds each hasher with random bytes of the operating system.
        Self::new(&format!("{:016x}", RandomState::new().build_hasher().finish()), variables)
    }

    /// Creates the markers of a recording with this word.
    #[must_use]
    pub fn new(word: &str, variables: &[(String, String)]) -> Self {
        let mut pairs: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for (name, value) in variables {
            for (form, encoded) in forms(value.trim()) {
                if encoded.len() >= SHORTEST {
                    pairs.entry(encoded).or_insert_with(|| format!("{{{{{word}:{name}:{form}}}}}").into_bytes());
                }
            }
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self { word: word.to_owned(), pairs }
    }

    /// Returns the word of the markers.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Replaces the values of variables by markers: plain, percent-encoded, as a form, in a JSON string, in hexadecimal, and in
    /// base64, also in the middle of other bytes. Values shorter than 8 bytes are left alone.
    #[must_use]
    pub fn hide(&self, bytes: &[u8]) -> Vec<u8> {
        replaced(bytes, self.pairs.iter().map(|(value, marker)| (value.as_slice(), marker.as_slice())))
    }

    /// Puts the values of variables back.
    #[must_use]
    pub fn reveal(&self, bytes: &[u8]) -> Vec<u8> {
        if !contains(bytes, self.word.as_bytes()) {
            return bytes.to_vec();
        }
        replaced(bytes, self.pairs.iter().map(|(value, marker)| (marker.as_slice(), value.as_slice())))
    }

    /// [`Markers::hide`] for text, which stays text.
    #[must_use]
    pub fn hide_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.hide(text.as_bytes())).into_owned()
    }

    /// [`Markers::reveal`] for text.
    #[must_use]
    pub fn reveal_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.reveal(text.as_bytes())).into_owned()
    }

    /// Shortens markers to `${NAME}`, for a reader.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        let start = format!("{{{{{}:", self.word);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(&start) {
            let after = &rest[at + start.len()..];
            let Some(end) = after.find("}}") else { break };
            let name = after[..end].split(':').next().unwrap_or_default();
            out.push_str(&rest[..at]);
            out.push_str(&format!("${{{name}}}"));
            rest = &after[end + 2..];
        }
        out + rest
    }
}

/// Returns the encodings of a value that are hidden, each with its name.
fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    if value.len() < SHORTEST {
        return Vec::new();
    }
    let percent = utf8_percent_encode(value, RESERVED).to_string();
    let json = serde_json::Value::from(value).to_string();
    let mut all = vec![
        ("text", value.to_owned()),
        ("form", percent.replace("%20", "+")),
        ("percent-lower", percent.to_ascii_lowercase()),
        ("percent", percent),
        ("json", json.trim_matches('"').to_owned()),
        ("hex", value.bytes().map(|byte| format!("{byte:02x}")).collect()),
    ];
    for (offset, name, url_name) in
        [(0, "base64-0", "base64url-0"), (1, "base64-1", "base64url-1"), (2, "base64-2", "base64url-2")]
    {
        let bytes = [&vec![0; offset], value.as_bytes()].concat();
        // Characters that also hold bits of the neighbouring bytes are not part of the value.
        let (from, to) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
        all.push((name, STANDARD_NO_PAD.encode(&bytes)[from..to].to_owned()));
        all.push((url_name, URL_SAFE_NO_PAD.encode(&bytes)[from..to].to_owned()));
    }
    all.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// Replaces in one pass, so that nothing is replaced in what was put in.
fn replaced<'a>(bytes: &[u8], pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
    let mut by_first: Vec<Vec<(&[u8], &[u8])>> = vec![Vec::new(); 256];
    for (from, to) in pairs {
        by_first[usize::from(from[0])].push((from, to));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        match by_first[usize::from(*first)].iter().find(|(from, _)| rest.starts_with(from)) {
            Some((from, to)) => {
                out.extend_from_slice(to);
                rest = &rest[from.len()..];
            }
            None => {
                out.push(*first);
                rest = &rest[1..];
            }
        }
    }
    out
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::Markers;

    const SECRET: &str = "p\"ss w+rd/\u{e9}?1";

    fn markers(value: &str) -> Markers {
        Markers::new("0123456789abcdef", &[("KEY".to_owned(), value.to_owned()), ("EU".to_owned(), "eu".to_owned())])
    }

    #[test]
    fn hides_every_encoding_and_puts_it_back() {
        use base64::Engine as _;
        let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        for text in [
            format!("Bearer {SECRET}, eu"),
            "?k=p%22ss%20w%2Brd%2F%C3%A9%3F1&x=p%22ss+w%2Brd%2F%C3%A9%3F1".to_owned(),
            serde_json::json!({ "key": SECRET }).to_string(),
            format!("Basic {}", encode(format!("u:{SECRET}"))),
            format!("Basic {}", encode(format!("us:{SECRET}:x"))),
            format!("Basic {}", encode(format!("ada:{SECRET}"))),
        ] {
            let hidden = markers(SECRET).hide_text(&text);
            assert!(hidden.contains("{{0123456789abcdef:KEY:"), "{hidden}");
            assert!(!hidden.contains("rd/") && !hidden.contains("w%2Brd"), "{hidden}");
            assert_eq!(markers(SECRET).reveal_text(&hidden), text);
        }
        assert_eq!(markers(SECRET).hide_text("eu"), "eu");
    }

    #[test]
    fn puts_the_present_value_back() {
        let hidden = markers(SECRET).hide_text(&format!("Bearer {SECRET}"));
        assert_eq!(markers("another value").reveal_text(&hidden), "Bearer another value");
        assert_eq!(markers(SECRET).shown(&hidden), "Bearer ${KEY}");
    }

    #[test]
    fn only_a_marker_of_this_recording_is_one() {
        let text = "{{fedcba9876543210:KEY:text}} ${KEY} {{0123456789abcdef:OTHER:text}}";
        assert_eq!(markers(SECRET).reveal_text(text), text);
        // A value that looks like a part of a marker does not damage other markers.
        let both = Markers::new(
            "0123456789abcdef",
            &[("A".to_owned(), "0123456789abcdef".to_owned()), ("B".to_owned(), "some other value".to_owned())],
        );
        let text = "0123456789abcdef some other value";
        assert_eq!(both.reveal_text(&both.hide_text(text)), text);
    }
}
