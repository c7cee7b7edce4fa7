//! The author's own patterns: all of them in one automaton that says quickly whether any matches.

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind, PatternSet};

use super::error::PatternError;
use super::span::{Source, Span};
use crate::package::manifest::CustomPattern;

/// The size that one compiled pattern may have.
const SIZE_LIMIT: usize = 1 << 20;
/// How deeply a pattern may be nested.
const NEST_LIMIT: u32 = 100;

/// Custom patterns, compiled.
#[derive(Debug)]
pub(super) struct CustomPatterns {
    ids: Vec<String>,
    each: Vec<Regex>,
    /// All together, where there are several: one pass over text that holds none of them.
    together: Option<Regex>,
    /// Whether any asks what stands around its match (`\b`, `^`).
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
        // Each is within its limit; where they do not fit together, each is asked alone.
        let together = if each.len() > 1 { build(&sources).ok() } else { None };
        Ok(Self { ids: patterns.iter().map(|pattern| pattern.id.clone()).collect(), each, together, look_around })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    pub(super) fn has_look_around(&self) -> bool {
        self.look_around
    }

    /// Whether no part of a text can match.
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

    /// Every match of every pattern.
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

/// What the parser knows about a pattern.
fn properties(pattern: &str) -> Option<regex_syntax::hir::Properties> {
    let hir = regex_syntax::ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern).ok()?;
    Some(hir.properties().clone())
}

fn one_line(error: &BuildError) -> String {
    // the parser's message ends in `error: what is wrong`, under a drawing of the pattern
    let text = match error.syntax_error() {
        Some(error) => error.to_string(),
        None => error.to_string(),
    };
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
