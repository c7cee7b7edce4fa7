//! Conditional requests and ranges of bytes (RFC 9110, sections 13 and 14).

use axum::http::HeaderMap;
use axum::http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};

/// What a request asks for of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The whole file.
    Whole,
    /// Bytes from the first number up to and without the second.
    Part(u64, u64),
    /// Nothing: the client has the current file.
    Unchanged,
    /// A range that the file does not have.
    Outside,
}

/// Returns what a request asks for of a file with this length and entity tag, which includes its quotes.
pub(super) fn wanted(headers: &HeaderMap, length: u64, tag: &str) -> Wanted {
    if headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|list| matches(list, tag)) {
        return Wanted::Unchanged;
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(RANGE) else { return Wanted::Whole };
    // A part of another file must not be added to what the client has.
    if text(IF_RANGE).is_some_and(|condition| condition.trim() != tag) {
        return Wanted::Whole;
    }
    parse(range, length)
}

fn matches(list: &str, tag: &str) -> bool {
    let weak = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|one| weak(one) == weak(tag))
}

/// Parses one range of bytes. Other units and several ranges are ignored, as the standard allows.
fn parse(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let number =
        |text: &str| text.trim().parse::<u64>().ok().filter(|_| text.trim().bytes().all(|b| b.is_ascii_digit()));
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, false) => match number(last) {
            None => Wanted::Whole,
            Some(0) => Wanted::Outside,
            Some(_) if length == 0 => Wanted::Outside,
            Some(count) => Wanted::Part(length.saturating_sub(count), length),
        },
        (false, _) => {
            let end = if last.trim().is_empty() { Some(u64::MAX) } else { number(last) };
            match (number(first), end) {
                (Some(first), Some(last)) if first <= last => match first < length {
                    true => Wanted::Part(first, last.saturating_add(1).min(length)),
                    false => Wanted::Outside,
                },
                _ => Wanted::Whole,
            }
        }
        (true, true) => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::HeaderName;

    use super::{Wanted, wanted};

    fn of(headers: &[(&'static str, &'static str)]) -> Wanted {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")))
            .collect();
        wanted(&headers, 100, "\"tag\"")
    }

    #[test]
    fn one_range_of_bytes_is_served() {
        for (range, expected) in [
            ("bytes=0-9", Wanted::Part(0, 10)),
            ("bytes=90-", Wanted::Part(90, 100)),
            ("bytes=90-1000", Wanted::Part(90, 100)),
            ("bytes=-10", Wanted::Part(90, 100)),
            ("bytes=-1000", Wanted::Part(0, 100)),
            ("bytes=100-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=9-0", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
        ] {
            assert_eq!(of(&[("range", range)]), expected, "{range}");
        }
    }

    #[test]
    fn a_file_that_has_not_changed_is_not_sent_again() {
        assert_eq!(of(&[("if-none-match", "\"tag\"")]), Wanted::Unchanged);
        assert_eq!(of(&[("if-none-match", "\"old\", W/\"tag\"")]), Wanted::Unchanged);
        assert_eq!(of(&[("if-none-match", "*")]), Wanted::Unchanged);
        assert_eq!(of(&[("if-none-match", "\"old\"")]), Wanted::Whole);
    }

    #[test]
    fn a_part_of_another_file_is_never_sent() {
        assert_eq!(of(&[("range", "bytes=50-"), ("if-range", "\"tag\"")]), Wanted::Part(50, 100));
        assert_eq!(of(&[("range", "bytes=50-"), ("if-range", "\"old\"")]), Wanted::Whole);
        assert_eq!(of(&[("range", "bytes=50-"), ("if-range", "Mon, 01 Jan 2026 00:00:00 GMT")]), Wanted::Whole);
    }
}
