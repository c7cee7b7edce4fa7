//! Checks a manifest's `privacy_filters` and compiles them to a filter.

use mpp_sdk::wire::nearest;

use super::PrivacyFilter;
use super::custom::CustomPatterns;
use super::error::PatternError;
use super::patterns::{Builtin, PatternSet};
use super::pointer::Exemptions;
use crate::package::manifest::{CustomPattern, Exemption, PrivacyFilters};

/// Checks a manifest's `privacy_filters`: the names, ids, regular expressions and exempt pointers.
///
/// # Errors
/// Returns a [`PatternError`] for the first mistake, with the JSON pointer to it.
pub fn check(config: &PrivacyFilters) -> Result<(), PatternError> {
    compile(config, &[]).map(drop)
}

pub(super) fn compile(config: &PrivacyFilters, forced: &[&str]) -> Result<PrivacyFilter, PatternError> {
    let chosen = pattern_set(config.patterns.iter().map(String::as_str), "/privacy_filters/patterns")?;
    let forced = pattern_set(forced.iter().copied(), "/forced_patterns")?;
    let custom = custom_patterns(&config.custom_patterns)?;
    let exempt = exemptions(&config.exempt)?;
    Ok(if config.enabled {
        PrivacyFilter { chosen, forced, custom, exempt }
    } else {
        PrivacyFilter { chosen: PatternSet::NONE, forced, custom: CustomPatterns::none(), exempt }
    })
}

fn pattern_set<'a>(names: impl Iterator<Item = &'a str>, list: &str) -> Result<PatternSet, PatternError> {
    let mut set = PatternSet::NONE;
    for (index, name) in names.enumerate() {
        set = match Builtin::from_id(name) {
            Some(pattern) => set.with(pattern),
            None if name == "*" => PatternSet::ALL,
            None => {
                let nearest = nearest(&name.replace(' ', "_"), Builtin::ALL.iter().map(|pattern| pattern.id()));
                return Err(PatternError::UnknownPattern {
                    pointer: format!("{list}/{index}"),
                    name: name.to_owned(),
                    nearest,
                });
            }
        };
    }
    Ok(set)
}

/// The maximum number of custom patterns of a filter.
const MAX_CUSTOM: usize = 64;

fn custom_patterns(patterns: &[CustomPattern]) -> Result<CustomPatterns, PatternError> {
    let list = "/privacy_filters/custom_patterns";
    if patterns.len() > MAX_CUSTOM {
        return Err(PatternError::TooMany { pointer: list.to_owned(), found: patterns.len(), limit: MAX_CUSTOM });
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let id = &pattern.id;
        let problem = if !is_id(id) {
            "is not of the form `[a-z][a-z0-9_]{0,63}`"
        } else if Builtin::from_id(id).is_some() || id == super::UNREADABLE {
            "is the name of a built-in pattern"
        } else if patterns[..index].iter().any(|earlier| earlier.id == *id) {
            "is already used"
        } else {
            continue;
        };
        return Err(PatternError::CustomId { pointer: format!("{list}/{index}/id"), id: id.clone(), problem });
    }
    CustomPatterns::compile(patterns, list)
}

fn is_id(id: &str) -> bool {
    id.len() <= 64
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn exemptions(list: &[Exemption]) -> Result<Exemptions, PatternError> {
    let mut exempt = Exemptions::default();
    for (index, exemption) in list.iter().enumerate() {
        let at = format!("/privacy_filters/exempt/{index}");
        if !exempt.add(&exemption.pointer) {
            return Err(PatternError::ExemptPointer {
                pointer: format!("{at}/pointer"),
                found: exemption.pointer.clone(),
            });
        }
        if exemption.reason.trim().is_empty() {
            return Err(PatternError::ExemptReason {
                pointer: format!("{at}/reason"),
                exempt: exemption.pointer.clone(),
            });
        }
    }
    Ok(exempt)
}
