//! Names: the rule for tool names, and the nearest valid name for a misspelled one.

/// Returns whether `name` is a valid tool name: `[A-Za-z0-9_-]{1,64}`.
#[must_use]
pub fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Returns the candidate nearest to `word`, if one is near enough to be what was meant.
///
/// Near enough means that at most a third of the longer word's characters differ (optimal string alignment, in which
/// an adjacent transposition counts as one), ignoring case and the difference between `-` and `_`.
///
/// ```
/// assert_eq!(mpp_sdk::wire::nearest("qurey", ["query", "limit"]), Some("query"));
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(word, &mut candidates.into_iter())
}

// Not generic, so that a module contains it once.
#[inline(never)]
fn nearest_of<'a>(word: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    let length = wanted.chars().count();
    if length > 128 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = folded(candidate);
        let other_length = other.chars().count();
        let distance = strsim::osa_distance(&wanted, &other);
        let is_near = distance <= length.max(other_length).div_ceil(3) && distance < other_length.max(1);
        if is_near && best.is_none_or(|(smallest, _)| distance < smallest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns ``; did you mean `x`?`` for the nearest candidate, or an empty string if none is near.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

fn folded(word: &str) -> String {
    let mut bytes = word.as_bytes().to_ascii_lowercase();
    for byte in &mut bytes {
        if *byte == b'-' {
            *byte = b'_';
        }
    }
    // Only ASCII characters were replaced. (Collecting characters would add half a kilobyte to a module.)
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, is_tool_name, nearest};

    #[test]
    fn accepts_only_names_that_every_client_accepts() {
        assert!(is_tool_name("find_all-2"));
        for bad in ["", "a.b", "a b", "é", &"x".repeat(65)] {
            assert!(!is_tool_name(bad), "{bad}");
        }
    }

    #[test]
    fn finds_near_candidates_only() {
        let keys = ["query", "limit", "package_id"];
        assert_eq!(nearest("qurey", keys), Some("query"));
        assert_eq!(nearest("package-id", keys), Some("package_id"));
        assert_eq!(nearest("Limit", keys), Some("limit"));
        assert_eq!(nearest("zzz", keys), None);
        assert_eq!(did_you_mean("lmit", keys), "; did you mean `limit`?");
        assert_eq!(did_you_mean("", keys), "");
    }
}
