//! The author's custom patterns, combined into one automaton that quickly excludes text without a match.

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind, PatternSet};

use super::error::PatternError;
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
    each: Vec<Regex>,
    /// All patterns combined, if there are several, so that text without a match needs only one pass.
    together: Option<Regex>,
    /// Whether any pattern examines the surroundings of its match (`\b`, `^`).
    look_around: bool,
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
                None => PatternError::Regex { pointer: at(), id: pattern.id.clone(), problem: one_line(&error) },
            })?;
            let properties = properties(&pattern.regex);
            look_around |= properties.as_ref().is_none_or(|properties| !properties.look_set().is_empty());
            if properties.is_none_or(|properties| properties.minimum_len() == Some(0)) {
                return Err(PatternError::MatchesNothing { pointer: at(), id: pattern.id.clone() });
            }
            each.push(regex);
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
            None => !self.each.iter().any(|regex| regex.is_match(text)),
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
        let matches = self.each[index].find_iter(text);
        found.extend(matches.filter(|hit| !hit.is_empty()).map(|hit| Span {
            start: hit.start(),
            end: hit.end(),
            source,
        }));
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

/// Returns the parser's properties of a pattern, or `None` if the pattern is invalid.
fn properties(pattern: &str) -> Option<regex_syntax::hir::Properties> {
    let hir = regex_syntax::ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern).ok()?;
    Some(hir.properties().clone())
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
