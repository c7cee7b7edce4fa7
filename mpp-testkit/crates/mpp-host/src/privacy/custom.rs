//! The author's custom patterns, combined into one automaton that quickly excludes text without a match.

use memchr::memmem;
use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, Match, MatchKind, PatternSet};
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

use super::error::{PatternError, RegexError};
use super::span::{Source, Span};
use crate::package::manifest::CustomPattern;

/// The maximum size of one compiled pattern, in bytes.
const SIZE_LIMIT: usize = 1 << 20;
/// The maximum nesting depth of a pattern.
const NEST_LIMIT: u32 = 100;

/// The compiled custom patterns of a filter.
#[derive(Debug)]
pub(super) struct CustomPatterns {
    ids: Vec<String>,
    each: Vec<Pattern>,
    /// All patterns combined, if there are several, so that text without a match needs only one pass.
    together: Option<Regex>,
    /// Whether any pattern examines the surroundings of its match (`\b`, `^`).
    look_around: bool,
}

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    regex: Regex,
    /// The text with which every match begins, if there is one and matches are short. A search for it is faster than the
    /// expression, which then only has to find the end of a match.
    prefix: Option<memmem::Finder<'static>>,
}

impl CustomPatterns {
    pub(super) fn none() -> Self {
        Self { ids: Vec::new(), each: Vec::new(), together: None, look_around: false }
    }

    pub(super) fn compile(patterns: &[CustomPattern], list: &str) -> Result<Self, PatternError> {
        let mut each = Vec::with_capacity(patterns.len());
        let mut look_around = false;
        for (index, pattern) in patterns.iter().enumerate() {
            let at = || format!("{list}/{index}/regex");
            let regex = build(&[pattern.regex.as_str()]).map_err(|error| match error.size_limit() {
                Some(limit) => PatternError::TooLarge { pointer: at(), id: pattern.id.clone(), limit },
                None => {
                    PatternError::Regex { pointer: at(), id: pattern.id.clone(), source: RegexError(one_line(&error)) }
                }
            })?;
            let hir = parsed(&pattern.regex).filter(|hir| hir.properties().minimum_len() != Some(0));
            let Some(hir) = hir else {
                return Err(PatternError::MatchesNothing { pointer: at(), id: pattern.id.clone() });
            };
            look_around |= !hir.properties().look_set().is_empty();
            each.push(Pattern { regex, prefix: prefix(&hir) });
        }
        let sources: Vec<&str> = patterns.iter().map(|pattern| pattern.regex.as_str()).collect();
        // Each pattern is within its limit. If all of them together are not, they are applied one by one.
        let together = if each.len() > 1 { build(&sources).ok() } else { None };
        Ok(Self { ids: patterns.iter().map(|pattern| pattern.id.clone()).collect(), each, together, look_around })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    pub(super) fn has_look_around(&self) -> bool {
        self.look_around
    }

    /// Returns whether no part of `text` can match.
    pub(super) fn is_absent(&self, text: &str) -> bool {
        match &self.together {
            _ if self.look_around => false,
            Some(together) => !together.is_match(text),
            None => !self.each.iter().any(|pattern| pattern.regex.is_match(text)),
        }
    }

    pub(super) fn id(&self, index: u32) -> &str {
        self.ids.get(index as usize).map_or("", String::as_str)
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }

    /// Finds all matches of all patterns.
    pub(super) fn scan(&self, text: &str, found: &mut Vec<Span>) {
        let Some(together) = &self.together else {
            for index in 0..self.each.len() {
                self.scan_one(index, text, found);
            }
            return;
        };
        let input = Input::new(text);
        if !together.is_match(input.clone()) {
            return;
        }
        let mut which = PatternSet::new(together.pattern_len());
        together.which_overlapping_matches(&input, &mut which);
        for pattern in which.iter() {
            self.scan_one(pattern.as_usize(), text, found);
        }
    }

    fn scan_one(&self, index: usize, text: &str, found: &mut Vec<Span>) {
        let source = Source::Custom(u32::try_from(index).unwrap_or(u32::MAX));
        let Pattern { regex, prefix } = &self.each[index];
        let span = |hit: Match| Span { start: hit.start(), end: hit.end(), source };
        let Some(prefix) = prefix else {
            found.extend(regex.find_iter(text).filter(|hit| !hit.is_empty()).map(span));
            return;
        };
        let mut from = 0;
        while let Some(step) = prefix.find(&text.as_bytes()[from..]) {
            let start = from + step;
            let hit = regex.find(Input::new(text).span(start..text.len()).anchored(Anchored::Yes));
            from = hit.map_or(start + 1, |hit| hit.end());
            found.extend(hit.map(span));
        }
    }
}

/// Returns the text with which every match begins. Returns `None` if there is no such text, or if matches can be long: many
/// attempts to find the end of one would then take long.
fn prefix(hir: &Hir) -> Option<memmem::Finder<'static>> {
    const LONGEST: usize = 256;
    let properties = hir.properties();
    let short = properties.maximum_len().is_some_and(|longest| longest <= LONGEST) && properties.look_set().is_empty();
    let literals = short.then(|| Extractor::new().extract(hir))?;
    match literals.literals()? {
        [only] if only.len() > 1 => Some(memmem::Finder::new(only.as_bytes()).into_owned()),
        _ => None,
    }
}

fn build(patterns: &[&str]) -> Result<Regex, Box<BuildError>> {
    let limit = SIZE_LIMIT * patterns.len().max(1);
    Regex::builder()
        .configure(
            Regex::config()
                .match_kind(if patterns.len() > 1 { MatchKind::All } else { MatchKind::LeftmostFirst })
                .nfa_size_limit(Some(limit))
                .hybrid_cache_capacity(2 * limit)
                .which_captures(regex_automata::nfa::thompson::WhichCaptures::Implicit),
        )
        .syntax(syntax::Config::new().nest_limit(NEST_LIMIT))
        .build_many(patterns)
        .map_err(Box::new)
}

/// Parses a pattern. Returns `None` if the pattern is invalid.
fn parsed(pattern: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern).ok()
}

fn one_line(error: &BuildError) -> String {
    // The parser's message shows the pattern first and ends with a line `error: …`.
    let text = match error.syntax_error() {
        Some(error) => error.to_string(),
        None => error.to_string(),
    };
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{CustomPatterns, Span};
    use crate::package::manifest::CustomPattern;

    #[test]
    fn a_search_for_the_prefix_finds_what_the_expression_finds() {
        let texts =
            ["", "aa", "CUST-12345678", "xCUST-CUST-123456789CUST-1", "aab aaab ab aaaab", "ab-ab-ab-ab", "aXaaYY"];
        for (expression, has_prefix) in [
            (r"CUST-\d{8}", true),
            (r"CUST-\d{1,9}?", true),
            (r"aa(b|ab)?", false),
            (r"ab-ab", true),
            (r"(?:aX|aY)", false),
            (r"aa.*", false),
            (r"\baa", false),
            (r"a+b", false),
        ] {
            let compiled = CustomPatterns::compile(&[CustomPattern::new("id", expression)], "").expect("valid");
            assert_eq!(compiled.each[0].prefix.is_some(), has_prefix, "{expression}");
            let regex = regex::Regex::new(expression).expect("valid");
            for text in texts {
                let mut found = Vec::new();
                compiled.scan(text, &mut found);
                let found: Vec<_> = found.iter().map(|Span { start, end, .. }| *start..*end).collect();
                let expected: Vec<_> = regex.find_iter(text).map(|hit| hit.range()).collect();
                assert_eq!(found, expected, "{expression} in {text}");
            }
        }
    }
}
