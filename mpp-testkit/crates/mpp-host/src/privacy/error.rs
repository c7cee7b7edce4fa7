//! The error returned for an invalid `privacy_filters` object.

use super::patterns::Builtin;

/// The error returned for an invalid `privacy_filters` object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A name in `patterns` is not a built-in pattern.
    #[error("unknown privacy pattern `{name}`, expected one of the built-in patterns or `*`")]
    UnknownPattern {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// The value found.
        name: String,
        /// The built-in pattern with the most similar name, if any is similar.
        nearest: Option<&'static str>,
    },
    /// The id of a custom pattern is invalid.
    #[error("custom pattern id `{id}` {problem}")]
    CustomId {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// The value found.
        id: String,
        /// The reason.
        problem: &'static str,
    },
    /// A regular expression does not compile.
    #[error("custom pattern `{id}` is not a valid regular expression")]
    Regex {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// Id of the pattern.
        id: String,
        /// The reason.
        source: RegexError,
    },
    /// A compiled regular expression is too large.
    #[error("custom pattern `{id}` needs more than {limit} bytes when compiled")]
    TooLarge {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// Id of the pattern.
        id: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A regular expression matches the empty string.
    #[error("custom pattern `{id}` matches the empty string")]
    MatchesNothing {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// Id of the pattern.
        id: String,
    },
    /// There are too many custom patterns.
    #[error("found {found} custom patterns, expected at most {limit}")]
    TooMany {
        /// JSON pointer to the list within the manifest.
        pointer: String,
        /// The number of custom patterns.
        found: usize,
        /// The maximum number.
        limit: usize,
    },
    /// An exemption is not a JSON pointer.
    #[error("exempt pointer `{found}` is not a JSON pointer, expected `\"\"` or a string that starts with `/`")]
    ExemptPointer {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// The value found.
        found: String,
    },
    /// An exemption has no reason.
    #[error("the exemption of `{exempt}` has no reason")]
    ExemptReason {
        /// JSON pointer to the value within the manifest.
        pointer: String,
        /// The exempt pointer.
        exempt: String,
    },
}

/// The reason why a regular expression does not compile, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RegexError(pub(super) String);

impl PatternError {
    /// Returns the JSON pointer to the mistake, within the manifest or, for a forced pattern, within the host's policy.
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

    /// Returns how to correct the mistake.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::UnknownPattern { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::UnknownPattern { nearest: None, .. } => {
                let names = Builtin::ALL.map(|pattern| format!("`{}`", pattern.id())).join(", ");
                format!("the built-in patterns are {names}; `*` selects all of them; define other patterns in `custom_patterns`")
            }
            Self::CustomId { .. } => "choose an id like `customer_id`: a lower-case letter followed by at most 63 of `[a-z0-9_]`, \
                                      unique and different from the built-in patterns"
                .to_owned(),
            Self::Regex { .. } => {
                "use the syntax of Rust's `regex` crate, which has no look-around and no backreferences; in JSON, write \
                 every backslash twice"
                    .to_owned()
            }
            Self::TooLarge { .. } => {
                "use smaller repetition counts, or `(?-u:…)` if Unicode classes are not needed".to_owned()
            }
            Self::MatchesNothing { .. } => "make at least one character mandatory, for example with `+` instead of `*`".to_owned(),
            Self::TooMany { .. } => "combine several patterns into one with `|`".to_owned(),
            Self::ExemptPointer { .. } => {
                "write for example `/items/*/id`: `*` matches any index or key".to_owned()
            }
            Self::ExemptReason { .. } => {
                "explain in `reason` why the value is not personal data; it is shown to users who approve the package".to_owned()
            }
        }
    }
}
