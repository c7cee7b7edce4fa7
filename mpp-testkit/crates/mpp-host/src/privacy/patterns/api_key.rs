//! `api_key`: credentials with a known prefix, values that are labelled as a credential, and private keys.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input, PatternID};

use crate::privacy::context::{Hint, before, is_word};
use crate::privacy::patterns::Builtin;
use crate::privacy::span::Span;

/// The prefix of each kind of key, and an expression for the rest of it.
const KEYS: &[(&str, &str)] = &[
    ("AKIA", "[A-Z0-9]{16}"),
    ("ASIA", "[A-Z0-9]{16}"),
    ("ghp_", "[A-Za-z0-9]{30,}"),
    ("gho_", "[A-Za-z0-9]{30,}"),
    ("ghu_", "[A-Za-z0-9]{30,}"),
    ("ghs_", "[A-Za-z0-9]{30,}"),
    ("ghr_", "[A-Za-z0-9]{30,}"),
    ("github_pat_", "[A-Za-z0-9_]{22,}"),
    ("glpat-", "[A-Za-z0-9_-]{20,}"),
    ("xox", "[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("xapp-", "[A-Za-z0-9-]{10,}"),
    ("sk_live_", "[A-Za-z0-9]{16,}"),
    ("sk_test_", "[A-Za-z0-9]{16,}"),
    ("rk_live_", "[A-Za-z0-9]{16,}"),
    ("rk_test_", "[A-Za-z0-9]{16,}"),
    ("pk_live_", "[A-Za-z0-9]{16,}"),
    ("pk_test_", "[A-Za-z0-9]{16,}"),
    ("whsec_", "[A-Za-z0-9+/=]{16,}"),
    ("sk-", "[A-Za-z0-9_-]{20,}"),
    ("AIza", "[A-Za-z0-9_-]{35}"),
    ("ya29.", "[A-Za-z0-9_-]{20,}"),
    ("npm_", "[A-Za-z0-9]{36}"),
    ("pypi-", "[A-Za-z0-9_-]{50,}"),
    ("hf_", "[A-Za-z0-9]{30,}"),
    ("SG.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("dop_v1_", "[a-f0-9]{64}"),
    ("shpat_", "[a-fA-F0-9]{32}"),
    ("shpss_", "[a-fA-F0-9]{32}"),
    ("dapi", "[a-f0-9]{32}"),
    ("lin_api_", "[A-Za-z0-9]{32,}"),
    ("eyJ", r"[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"),
    ("-----BEGIN ", r"[A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)"),
];

/// Matches a word that announces a credential, and the separator after it.
const CALLED: &str = r#"(?i:api[_ -]?key|apikey|access[_ -]?key|access[_ -]?token|auth[_ -]?token|secret[_ -]?key|client[_ -]?secret|private[_ -]?key|password|passwd|bearer)["'\]]*(?:\s*(?:[:=]|=>|is)\s*|\s+)(?i:bearer\s+)?["'\[]*"#;
/// The minimum length in bytes of a credential that only its label identifies.
const MIN_CALLED: usize = 16;

struct Matcher {
    prefixes: AhoCorasick,
    bodies: Regex,
    called: Regex,
}

/// The compiled patterns. They are constant, so that each process compiles them once.
static MATCHER: LazyLock<Option<Matcher>> = LazyLock::new(|| {
    let prefixes = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(KEYS.iter().map(|(prefix, _)| prefix))
        .ok()?;
    let bodies: Vec<&str> = KEYS.iter().map(|(_, body)| *body).collect();
    let ascii = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    let build = |patterns: &[&str]| Regex::builder().syntax(ascii).build_many(patterns).ok();
    Some(Matcher { prefixes, bodies: build(&bodies)?, called: build(&[CALLED])? })
});

/// Finds all credentials in a text.
pub(in crate::privacy) fn find(text: &str, hint: Hint, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut push = |start: usize, end: usize| found.push(Span::builtin(start, end, Builtin::ApiKey));
    let Some(matcher) = MATCHER.as_ref() else {
        // A test ensures that the constants above compile. If they did not, the whole text would be redacted.
        push(0, text.len());
        return;
    };
    for hit in matcher.prefixes.find_iter(bytes) {
        if is_word(before(bytes, hit.start())) {
            continue;
        }
        let body =
            Input::new(bytes).range(hit.end()..).anchored(Anchored::Pattern(PatternID::must(hit.pattern().as_usize())));
        if let Some(body) = matcher.bodies.find(body) {
            push(hit.start(), body.end());
        }
    }
    for hit in matcher.called.find_iter(bytes) {
        let len = credential(&bytes[hit.end()..]);
        if len >= MIN_CALLED && is_random(&bytes[hit.end()..hit.end() + len]) {
            push(hit.end(), hit.end() + len);
        }
    }
    if hint.has(Hint::KEY) {
        let len = credential(bytes);
        if len == bytes.len() && len >= MIN_CALLED && is_random(bytes) {
            push(0, len);
        }
    }
}

/// Returns the number of bytes at the start of `bytes` that may belong to a credential.
fn credential(bytes: &[u8]) -> usize {
    let len = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-_.+/=~".contains(b)).count();
    len - bytes[..len].iter().rev().take_while(|b| **b == b'.').count()
}

/// Returns whether `bytes` contain both letters and digits. Words and numbers alone are not credentials.
fn is_random(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::ApiKey;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn the_patterns_compile() {
        assert!(super::MATCHER.is_some());
    }

    #[test]
    fn finds_credentials() {
        // Keys are concatenated here so that secret scanners do not report this file.
        let key = |prefix: &str, body: &str| format!("{prefix}{body}");
        let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        let keys = [
            key("AKIA", "IOSFODNN7EXAMPLE"),
            key("ghp_", body),
            key("github_pat_", body),
            key("glpat-", "a1B2c3D4e5F6g7H8i9J0"),
            key("xoxb-", "123456789012-abcdefGHIJKL"),
            key("sk_live_", "a1B2c3D4e5F6g7H8"),
            key("sk-proj-", body),
            key("sk-ant-", body),
            key("AIza", &body[..35]),
            key("npm_", body),
            key("hf_", body),
            key("SG.", &format!("{}.{}", &body[..22], body)),
            key("dop_v1_", &"0a".repeat(32)),
            key("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", "c2lnbmF0dXJl"),
            key("-----BEGIN PRIVATE KEY-----\n", "MC4CAQ==\n-----END PRIVATE KEY-----"),
        ];
        for key in &keys {
            assert_finds(ApiKey, &[(key, key), (&format!("x {key}"), key)]);
        }
        assert_finds(
            ApiKey,
            &[
                ("api_key=a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
                ("API key: a1B2c3D4e5F6g7H8.", "a1B2c3D4e5F6g7H8"),
                ("Authorization: Bearer a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
                ("\"client_secret\": \"a1B2c3D4e5F6g7H8\"", "a1B2c3D4e5F6g7H8"),
                ("password is a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
            ],
        );
    }

    #[test]
    fn ignores_words_and_hashes() {
        assert_leaves(
            ApiKey,
            &[
                "sk-short",
                "task-0123456789abcdefghij",
                "risk_live_0123456789abcdef",
                "AKIA",
                "ghp_short",
                "eyJhbGciOiJIUzI1NiJ9",
                "api key: see the documentation",
                "api_key=short",
                "password: correcthorsebattery",
                "bearer of bad news",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "550e8400-e29b-41d4-a716-446655440000",
                "-----BEGIN CERTIFICATE-----",
                "https://post.example/a1B2c3D4e5F6g7H8",
                "npm_config_registry",
            ],
        );
    }
}
