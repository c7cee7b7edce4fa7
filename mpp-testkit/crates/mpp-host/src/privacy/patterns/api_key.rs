//! `api_key`: credentials with a known prefix, values that are labelled as a credential, and private keys.

mod prefixes;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input, PatternID};

use crate::privacy::context::{Hint, before, is_word};
use crate::privacy::patterns::Builtin;
use crate::privacy::span::Span;
use prefixes::{Head, KEYS};

/// Matches a word that announces a credential, and the separator after it.
const CALLED: &str = concat!(
    "(?i:",
    "api[_ -]?key|apikey|access[_ -]?key|access[_ -]?token|auth[_ -]?token|secret[_ -]?key|client[_ -]?secret|private[_ -]?key",
    "|account[_ -]?key|refresh[_ -]?token|bot[_ -]?token|session[_ -]?token|vault[_ -]?token|signing[_ -]?key|password|passwd",
    "|bearer|authorization|(?-i:_TOKEN|_SECRET|_PASS|_PWD)",
    ")",
    r#"["'\]]*(?:\s*(?:[:=]|=>|is)\s*|\s+)["']?(?i:(?:bearer|basic|token)\s+)?["'\[]*"#
);
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
        .kind(Some(AhoCorasickKind::DFA))
        .build(KEYS.iter().map(|(prefix, ..)| prefix))
        .ok()?;
    let bodies: Vec<&str> = KEYS.iter().map(|(_, body, _)| *body).collect();
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
        let index = hit.pattern().as_usize();
        let head = KEYS[index].2;
        let Some(start) = start(bytes, hit.start(), head) else { continue };
        let body = Input::new(bytes).range(hit.end()..).anchored(Anchored::Pattern(PatternID::must(index)));
        let Some(body) = matcher.bodies.find(body) else { continue };
        match head {
            Head::Bare if is_words(&bytes[body.range()]) => {}
            Head::Label => push(hit.end(), body.end()),
            _ => push(start, body.end()),
        }
    }
    for (start, end) in url_passwords(bytes) {
        push(start, end);
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

/// Returns where a credential with a prefix at `at` begins, or `None` if it would begin within a word.
fn start(bytes: &[u8], at: usize, head: Head) -> Option<usize> {
    let start = match head {
        Head::Bare => at,
        Head::Label => return Some(at),
        Head::Digits => {
            let digits = bytes[..at].iter().rev().take_while(|b| b.is_ascii_digit()).count();
            return (5..=16).contains(&digits).then(|| at - digits);
        }
        Head::Token(len) => {
            let start = at.checked_sub(len)?;
            let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'.');
            let head = &bytes[start..at];
            (head.iter().all(is_part) && head.iter().any(u8::is_ascii_digit)).then_some(start)?
        }
    };
    (!is_word(before(bytes, start))).then_some(start)
}

/// Returns whether `body` consists of words in lower case, as in the class `sk-loading-spinner-container`.
fn is_words(body: &[u8]) -> bool {
    body.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
}

/// Finds the passwords in URLs such as `postgres://user:password@host/`.
fn url_passwords(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    memchr::memmem::find_iter(bytes, b"://").filter_map(|scheme| {
        let start = scheme + 3;
        let rest = &bytes[start..];
        let len = rest
            .iter()
            .take(512)
            .position(|b| matches!(b, b'@' | b'/' | b'?' | b'#' | b'"' | b'<' | b'>') || b.is_ascii_whitespace())?;
        let colon = rest[..len].iter().position(|b| *b == b':')?;
        let password = &rest[colon + 1..len];
        (rest[len] == b'@' && is_password(password)).then_some((start + colon + 1, start + len))
    })
}

/// Returns whether the password of a URL is not a placeholder, such as `password`, `${PASSWORD}` or `***`.
fn is_password(password: &[u8]) -> bool {
    let placeholder = ["password", "pass", "passwd", "pwd", "secret", "token", "changeme", "x-oauth-basic"];
    password.len() > 2
        && password.iter().any(u8::is_ascii_alphanumeric)
        && !password.iter().any(|b| matches!(b, b'$' | b'{' | b'[' | b'*'))
        && !password.iter().all(|b| matches!(b, b'x' | b'X'))
        && !placeholder.iter().any(|word| password.eq_ignore_ascii_case(word.as_bytes()))
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
            key("-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "lQOYBF==\n-----END PGP PRIVATE KEY BLOCK-----"),
            key("dckr_pat_", &body[..27]),
            key("hvs.", &body.repeat(3)),
            key("glsa_", &format!("{}_0a1b2c3d", &body[..32])),
            key("glc_", &body.repeat(2)),
            key("GOCSPX-", &body[..28]),
            key("1//0g", &body.repeat(2)),
            key("gsk_", &body.repeat(2)[..52]),
            key("xai-", &body.repeat(3)[..80]),
            key("r8_", body),
            key("pplx-", &body.repeat(2)[..48]),
            key("ATATT3", &body.repeat(5)),
            key("ATBB", &body[..28]),
            key("https://hooks.slack.com/services/", "T0000000/B0000000/a1B2c3D4e5F6g7H8i9J0k1L2"),
            key("https://discord.com/api/webhooks/", &format!("123456789012345678/{}", body.repeat(2))),
            key("123456789:AA", &body[..33]),
            key("abc", "1Q~a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"),
            key("AGE-SECRET-KEY-1", &"QPZRY9X8GF".repeat(6)[..58]),
            key("tskey-auth-", "a1B2c3D4e5-a1B2c3D4e5F6g7H8i9J0"),
            key("ntn_", &format!("12345678901{}", &body[..35])),
            key("PMAK-", &format!("{}-{}", "0a".repeat(12), "0a".repeat(17))),
            key("pcsk_", &body.repeat(2)),
            key("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "-us12"),
            key("a1B2c3D4e5F6g7.atlasv1.", &body.repeat(2)[..64]),
        ];
        for key in &keys {
            assert_finds(ApiKey, &[(key, key), (&format!("x {key}"), key), (&format!("\"{key}\""), key)]);
        }
        assert_finds(
            ApiKey,
            &[
                ("api_key=a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
                ("API key: a1B2c3D4e5F6g7H8.", "a1B2c3D4e5F6g7H8"),
                ("Authorization: Bearer a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
                ("\"client_secret\": \"a1B2c3D4e5F6g7H8\"", "a1B2c3D4e5F6g7H8"),
                ("password is a1B2c3D4e5F6g7H8", "a1B2c3D4e5F6g7H8"),
                (
                    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a1B2c3D4e5F6g7H8i9J0+/==;",
                    "a1B2c3D4e5F6g7H8i9J0+/==",
                ),
                ("SharedAccessKey=a1B2c3D4e5F6g7H8i9J0=", "a1B2c3D4e5F6g7H8i9J0="),
                ("VAULT_TOKEN=s.a1B2c3D4e5F6g7H8i9J0k1L2", "s.a1B2c3D4e5F6g7H8i9J0k1L2"),
                ("Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpwYXNzd29yZDEyMw=="),
                (
                    "https://api.telegram.org/bot123456789:AAa1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6/getMe",
                    "123456789:AAa1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
                ),
                ("postgres://app:hunter-two@db.example/app", "hunter-two"),
                ("redis://:hunter2@localhost:6379/0", "hunter2"),
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
                "sk-loading-spinner-container-large",
                "postgres://app:password@db.example/app",
                "postgres://app:${DB_PASSWORD}@db.example/app",
                "https://host.example:8080/@ada",
                "http://[::1]:8080/a@b",
                "sha512-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8a1B2c3D4e5F6g7==",
                "12:AAa1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
                "https://hooks.slack.com/services/",
                "the pattern pat.matches(text)",
                "next_page_token",
                "AGE-SECRET-KEY-1",
                "glsa_short",
                "eu-us12",
            ],
        );
    }
}
