//! The one table of all codes: what happened, why, and what to do next.
//!
//! Errors carry a code's `id`; `mpp explain` prints its entry, and the book's page is generated from here.

mod build;
mod gatekeeper;
mod keys;
mod program;
pub mod runtime;

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// For example `MPP-G401`.
    pub id: &'static str,
    /// What happened, in one lower-case line.
    pub title: &'static str,
    /// Why it is refused and what to do next: a few sentences, for a reader who sees it for the first time.
    pub help: &'static str,
}

/// Every code, sorted by area and number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [gatekeeper::CODES, keys::CODES, runtime::CODES, build::CODES, program::CODES].into_iter().flatten()
}

/// The entry for `id`, whatever its case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_unique_and_explained() {
        let mut seen = BTreeSet::new();
        for code in super::all() {
            assert!(seen.insert(code.id), "{} twice", code.id);
            assert!(code.id.starts_with("MPP-"), "{}", code.id);
            assert!(code.help.len() > 40, "{} needs a help text", code.id);
            assert!(code.title.starts_with(|c: char| c.is_lowercase() || c == '`'), "{}: {}", code.id, code.title);
            assert_eq!(super::find(&code.id.to_lowercase()), Some(code));
        }
    }
}
