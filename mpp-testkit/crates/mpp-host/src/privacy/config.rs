//! From the manifest's `privacy_filters` to a compiled filter.

use super::PrivacyFilter;
use super::custom::CustomPatterns;
use super::patterns::{Builtin, PatternSet};
use super::pointer::Exemptions;
use crate::package::manifest::{CustomPattern, Exemption, PrivacyFilters};

/// Why a `privacy_filters` object cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A name in `patterns` that is no built-in pattern.
    #[error("unknown privacy pattern `{name}`, expected one of the built-in patterns or `*`")]
    UnknownPattern {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// What was written.
        name: String,
        /// The nearest built-in pattern, where one is near.
        nearest: Option<&'static str>,
    },
    /// An id that cannot stand in `[REDACTED:id]`.
    #[error("custom pattern id `{id}` {problem}")]
    CustomId {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// What was written.
        id: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A regular expression that does not compile.
    #[error("custom pattern `{id}` is not a valid regular expression: {problem}")]
    Regex {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// The pattern's id.
        id: String,
        /// What the regex compiler says, in one line.
        problem: String,
    },
    /// A regular expression that is too large once compiled.
    #[error("custom pattern `{id}` is larger than {limit} bytes once compiled")]
    TooLarge {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// The pattern's id.
        id: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A regular expression that matches the empty text, so everywhere.
    #[error("custom pattern `{id}` matches the empty text, so everywhere")]
    MatchesNothing {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// The pattern's id.
        id: String,
    },
    /// More custom patterns than a filter takes.
    #[error("{found} custom patterns, expected at most {limit}")]
    TooMany {
        /// JSON pointer to the list within the manifest.
        pointer: String,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// An exemption that is no JSON pointer.
    #[error("exempt pointer `{found}` is not a JSON pointer, expected \"\" or a text that starts with `/`")]
    ExemptPointer {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// What was written.
        found: String,
    },
    /// An exemption without a reason.
    #[error("the exemption of `{exempt}` gives no reason")]
    ExemptReason {
        /// JSON pointer to it within the manifest.
        pointer: String,
        /// The exempt pointer.
        exempt: String,
    },
}

impl PatternError {
    /// JSON pointer within the manifest to what is wrong; within the host's policy for a forced pattern.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::UnknownPattern { pointer, .. }
            | Self::CustomId { pointer, .. }
            | Self::Regex { pointer, .. }
            | Self::TooLarge { pointer, .. }
            | Self::MatchesNothing { pointer, .. }
            | Self::TooMany { pointer, .. }
            | Self::ExemptPointer { pointer, .. }
            | Self::ExemptReason { pointer, .. } => pointer,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::UnknownPattern { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::UnknownPattern { nearest: None, .. } => {
                let names = Builtin::ALL.map(|pattern| format!("`{}`", pattern.id())).join(", ");
                format!("the built-in patterns are {names}; `*` is all of them; your own go into `custom_patterns`")
            }
            Self::CustomId { .. } => "choose an id like `customer_id`: a lower-case letter, then at most 63 of `[a-z0-9_]`, \
                                      used once and not the name of a built-in pattern"
                .to_owned(),
            Self::Regex { .. } => {
                "write it in the syntax of Rust's `regex` crate, which has no look-around and no backreferences; in JSON \
                 every backslash is doubled"
                    .to_owned()
            }
            Self::TooLarge { .. } => {
                "use smaller repetition counts, or `(?-u:…)` where Unicode classes are not needed".to_owned()
            }
            Self::MatchesNothing { .. } => "make at least one character mandatory, for example `+` in place of `*`".to_owned(),
            Self::TooMany { .. } => "join several into one with `|`".to_owned(),
            Self::ExemptPointer { .. } => {
                "write for example `/items/*/id`: each part after a `/`, `*` for any index or key".to_owned()
            }
            Self::ExemptReason { .. } => {
                "say in `reason` why it is not personal data; whoever approves the package reads it".to_owned()
            }
        }
    }
}

/// Checks a manifest's `privacy_filters`: names, ids, regular expressions, exempt pointers.
///
/// # Errors
/// The first thing that is wrong, with the pointer to it.
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
                let nearest = nearest(name);
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

/// How many custom patterns one filter takes.
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
            "is used twice"
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

/// The built-in pattern whose name is nearest, at most three edits away.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace(['-', ' '], "_");
    Builtin::ALL
        .iter()
        .map(|pattern| (distance(&name, pattern.id()), pattern.id()))
        .filter(|(distance, id)| *distance <= 3.min(id.len() / 2))
        .min()
        .map(|(_, id)| id)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
