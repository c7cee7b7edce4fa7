//! Tells versions, section numbers and object identifiers of four numbers from IPv4 addresses, by the text around them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::privacy::context::{Words, before};

/// Words directly before four numbers that are not an address.
static LABELS: LazyLock<Words> = LazyLock::new(|| Words::new(LABEL_WORDS));

const LABEL_WORDS: &[&str] = &[
    "ver",
    "v",
    "release",
    "build",
    "rev",
    "firmware",
    "section",
    "subsection",
    "sec.",
    "§",
    "clause",
    "chapter",
    "annex",
    "appendix",
    "paragraph",
    "figure",
    "fig.",
    "oid",
    "tag",
    "prior to",
    "fixed in",
    "introduced in",
    "earlier than",
    "later than",
    "older than",
    "newer than",
];

/// Words for a version, also as the end of an identifier (`fileVersion`).
const VERSION: &[&str] = &[
    "version",
    "versions",
    "versión",
    "versione",
    "versão",
    "versie",
    "wersja",
    "версия",
    "バージョン",
    "版本",
    "버전",
];
/// What all words of [`VERSION`] in ASCII contain.
const COMMON: &[u8; 3] = b"ers";
/// The maximum number of bytes from the start of a word of [`VERSION`] to the number: the word, two other words, and
/// punctuation.
const FARTHEST: usize = 48;
/// Verbs of lines about changed dependencies.
static RAISED: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(["bump", "upgrad", "downgrad"]).ok());
/// The number of bytes before the four numbers that are examined.
const WINDOW: usize = 96;

/// Returns whether the four numbers at `start..end` are not an address.
pub(super) fn is_version(text: &str, start: usize, end: usize) -> bool {
    let after = &text[end..];
    if is_build(after) {
        return true;
    }
    let bytes = text.as_bytes();
    let start = first_of_range(bytes, start);
    let last = last_word(&bytes[..start]);
    if last == Last::Ordinary {
        return false;
    }
    // `v 1.2.3.4` and `release: 1.2.3.4` are versions, `release (1.2.3.4)` is not.
    let close = before(bytes, start).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'.' | b':'));
    if close && last != Last::Preposition && LABELS.precede(text, start, 2) {
        return true;
    }
    let mut from = start.saturating_sub(WINDOW);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let line = bytes[from..start].iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(from, |at| from + at + 1);
    let line = &text[line..start];
    match last {
        Last::Preposition => line.ends_with("prior to ") || is_called(line) || is_raised(line),
        Last::Special => is_called(line),
        _ => {
            is_called(line)
                || is_required(line, after)
                || is_heading(line, after)
                || is_released(line)
                || is_coordinate(line)
                || is_file(line, after)
        }
    }
}

/// What the text before four numbers ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A word that cannot belong to a version, as in `connected from host 10.0.0.5`. This is so for most addresses.
    Ordinary,
    /// `from` or `to`.
    Preposition,
    /// Another word that may belong to a version.
    Special,
    /// No word, or a word in another script.
    Other,
}

fn last_word(head: &[u8]) -> Last {
    let end = head.len() - head.iter().rev().take_while(|b| matches!(b, b' ' | b'"' | b'(' | b',')).count();
    let letters = head[..end].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    let (before, word) = head[..end].split_at(end - letters);
    if word.is_empty() || before.last().is_some_and(|b| !b.is_ascii() || *b == b'\'') {
        return if head.is_empty() { Last::Ordinary } else { Last::Other };
    }
    let mut lower = [0; 16];
    let Some(lower) = lower.get_mut(..word.len()) else { return Last::Special };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let lower = &*lower;
    match lower {
        b"from" | b"to" => Last::Preposition,
        b"at" | b"in" | b"is" | b"no" | b"now" | b"number" | b"of" | b"than" | b"was" => Last::Special,
        _ if lower.windows(4).any(|part| part == b"vers" || part == b"wers") => Last::Special,
        _ => match lower.strip_suffix(b"s").unwrap_or(lower) {
            b"annex" | b"appendix" | b"build" | b"chapter" | b"clause" | b"fig" | b"figure" | b"firmware" | b"oid" => {
                Last::Special
            }
            b"paragraph" | b"release" | b"rev" | b"sec" | b"section" | b"subsection" | b"tag" | b"v" | b"ver" => {
                Last::Special
            }
            _ => Last::Ordinary,
        },
    }
}

/// Returns the start of the first version in a range or a change such as `1.2.3.3-1.2.3.4`, `1.2.3.3...1.2.3.4` and `1.2.3.3 to
/// 1.2.3.4`. The words before it apply to both.
fn first_of_range(bytes: &[u8], start: usize) -> usize {
    if !bytes[start.saturating_sub(8)..start].iter().any(u8::is_ascii_digit) {
        return start;
    }
    let head = bytes[..start].strip_suffix(b"v").unwrap_or(&bytes[..start]);
    for joint in
        [&b"..."[..], b"..", b" - ", b"-", b" to ", b" -> ", " → ".as_bytes(), " – ".as_bytes(), b" and ", b" or "]
    {
        let Some(head) = head.strip_suffix(joint) else { continue };
        let len = head.iter().rev().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        if head[head.len() - len..].iter().filter(|b| **b == b'.').count() == 3 {
            return head.len() - len;
        }
    }
    start
}

/// Returns whether `line` ends with a word for a version, punctuation, and at most two words such as `number` or `is`.
fn is_called(line: &str) -> bool {
    // The end of most lines has no part that all words in ASCII have.
    let end = &line.as_bytes()[line.len().saturating_sub(FARTHEST)..];
    if end.is_ascii() && !has_common_part(end) {
        return false;
    }
    let mut rest = trim_punctuation(line);
    for _ in 0..3 {
        if VERSION.iter().any(|word| ends_with(rest, word)) {
            return true;
        }
        let link = &rest[rest.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len()..];
        if !matches!(link, "is" | "was" | "now" | "number" | "no" | "to" | "than" | "from" | "of" | "at") {
            return false;
        }
        rest = trim_punctuation(&rest[..rest.len() - link.len()]);
    }
    false
}

/// Returns whether a line contains [`COMMON`], in upper or lower case.
fn has_common_part(line: &[u8]) -> bool {
    let [first, second, third] = *COMMON;
    line.array_windows().any(|[a, b, c]| (a | 0x20, b | 0x20, c | 0x20) == (first, second, third))
}

fn trim_punctuation(text: &str) -> &str {
    let trimmed =
        text.trim_end_matches([' ', '\t', '"', '\'', '`', '=', ':', '(', '[', '>', '<', '^', '~', '\\', 'v', '*']);
    // More punctuation is not a label, for example in a table.
    if text.len() - trimmed.len() <= 6 && !trimmed.is_empty() { trimmed } else { "" }
}

/// Returns whether a requirement precedes: `acme==`, `acme >= `, `"^`, `, <`. Comparisons of addresses are left out.
fn is_required(line: &str, after: &str) -> bool {
    let bare = line.trim_end_matches(' ');
    let quoted = bare.trim_end_matches(['"', '\'']);
    let name = |head: &str| {
        let head = head.trim_end();
        let start = head
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ']')))
            .map_or(0, |i| i + 1);
        head[start..].to_ascii_lowercase()
    };
    let names_package = |name: &str| {
        let words = name.split(|c: char| !c.is_ascii_alphabetic());
        !name.is_empty() && !words.into_iter().any(|word| ADDRESSES.contains(&word))
    };
    if let Some(head) = line.strip_suffix("===").or_else(|| line.strip_suffix("==")).or_else(|| line.strip_suffix("!="))
    {
        return !head.ends_with(' ') && names_package(&name(head));
    }
    if let Some(head) = bare.strip_suffix(">=").or_else(|| bare.strip_suffix("<=")) {
        let name = name(head);
        return name.is_empty() || names_package(&name);
    }
    if bare.ends_with("~=") || bare.ends_with("~>") || quoted.ends_with('~') && line.ends_with('~') {
        return true;
    }
    if line.ends_with('^') {
        return !after.starts_with('$');
    }
    // The second half of `>=1.2.3.4,<2.0.0.0`.
    let open = line.strip_suffix(['<', '>']).is_some_and(|head| head.trim_end().ends_with(','));
    open && !after.starts_with(['>', '<'])
}

/// Words in the names of variables that hold addresses.
const ADDRESSES: &[&str] = &[
    "ip",
    "ips",
    "ipv",
    "addr",
    "address",
    "host",
    "hostname",
    "src",
    "dst",
    "source",
    "destination",
    "dest",
    "peer",
    "client",
    "server",
    "remote",
    "local",
    "gateway",
    "gw",
    "dns",
    "node",
    "from",
    "to",
    "netmask",
    "mask",
    "subnet",
    "network",
    "a",
    "b",
    "x",
];

/// Returns whether the line is a heading (`## [1.27.3.0]`) or a link reference (`[1.27.3.0]: https://…`) of a list of changes.
fn is_heading(line: &str, after: &str) -> bool {
    let line = line.trim_start();
    if line == "[" {
        return after.starts_with("]: http");
    }
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    // One `#` may begin a comment: `# 10.0.0.5 old`.
    (level > 1 || level == 1 && title.contains('['))
        && title.starts_with(' ')
        && title.trim_start_matches([' ', '[', 'v']).is_empty()
}

/// Returns whether a line about a changed dependency precedes: `Bump acme from 1.2.3.3 to`.
fn is_raised(line: &str) -> bool {
    let head = line.trim_end_matches([' ', '`', '"', '\'']);
    let name = head.strip_suffix("from").or_else(|| head.strip_suffix("to")).map(str::trim_end);
    // The name of the dependency, perhaps as a link or as code.
    name.is_some_and(|name| name.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '`' | '"' | '\'')))
        && RAISED.as_ref().is_some_and(|verbs| verbs.is_match(head))
}

/// Returns whether a segment of a path or URL precedes in which versions follow: `/releases/download/`.
fn is_released(line: &str) -> bool {
    let Some(head) = line.strip_suffix('/') else { return false };
    let mut segments = head.rsplit('/');
    let last = segments.next().unwrap_or_default();
    let named =
        ["tag", "tags", "release", "releases", "download", "downloads", "compare", "version", "versions", "archive"];
    named.contains(&last) || matches!(segments.next(), Some("package" | "packages" | "nupkg"))
}

/// Returns whether the name of a package precedes: `pkg:nuget/acme@`, `@scope/name@`, `org.acme:core:` or `registry/app:`.
fn is_coordinate(line: &str) -> bool {
    let token = line.rsplit([' ', '\t', '"', '\'', '`', '(', ',', '=']).next().unwrap_or_default();
    if let Some(name) = token.strip_suffix('@') {
        return name.starts_with("pkg:") || name.starts_with('@') && name.contains('/');
    }
    let Some(name) = token.strip_suffix(':') else { return false };
    if !name.ends_with(|c: char| c.is_ascii_alphanumeric()) || name.contains("//") || name.contains('@') {
        return false;
    }
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    match name.split_once(':') {
        Some((group, artifact)) => {
            starts
                && group.contains('.')
                && !group.contains('/')
                && artifact.contains(|c: char| c.is_ascii_alphabetic())
        }
        None => starts && name.contains('/'),
    }
}

/// Returns whether the numbers are in the name of a file or package: `acme-1.2.3.4-py3`.
fn is_file(line: &str, after: &str) -> bool {
    let named = line.strip_suffix(['-', '_']).is_some_and(|head| head.ends_with(|c: char| c.is_ascii_alphanumeric()));
    named && after.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Returns whether what follows belongs to a version: a build, a pre-release, or the rest of the name of an assembly.
fn is_build(after: &str) -> bool {
    if let Some(build) = after.strip_prefix('+') {
        return build.starts_with(|c: char| c.is_ascii_alphanumeric());
    }
    if let Some(stage) = after.strip_prefix('-') {
        let stages = ["alpha", "beta", "rc", "pre", "dev", "snapshot", "preview", "canary", "nightly"];
        return stages.iter().any(|word| stage.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
    }
    after.starts_with(", Culture=") || after.starts_with(", PublicKeyToken=")
}

fn ends_with(text: &str, word: &str) -> bool {
    let at = text.len().checked_sub(word.len());
    at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_not_ordinary_words() {
        for word in LABEL_WORDS.iter().chain(VERSION) {
            let last = word.trim_end_matches('.').rsplit(' ').next().expect("a word");
            assert_ne!(last_word(format!("x {last} ").as_bytes()), Last::Ordinary, "{word}");
        }
        for word in VERSION.iter().filter(|word| word.is_ascii()) {
            assert!(has_common_part(word.as_bytes()), "{word}");
            let far = format!("{word} (((((number((((((number((((((");
            assert!(word.len() + far.len() <= FARTHEST && is_called(&far), "{far}");
            assert!(is_called(&format!("The {} is ", word.to_uppercase())), "{word}");
        }
        for text in ["", "connected to host ", "peer \"", "conservative ("] {
            assert_eq!(last_word(text.as_bytes()), Last::Ordinary, "{text}");
        }
    }
}
