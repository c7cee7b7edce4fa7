//! What a pass finds out about a JSON text besides what has to be redacted.

/// What one pass has found out about a JSON text.
pub(crate) struct Examined {
    /// The filtered text; `None` if nothing was redacted.
    pub(crate) changed: Option<String>,
    /// Whether the text certainly is what a strict parser accepts: no key occurs twice in an object, and no number, escape or depth
    /// is beyond the limits of common parsers.
    #[cfg_attr(
        not(feature = "sandbox"),
        allow(dead_code, reason = "only answers of the sandbox are read by other parsers")
    )]
    pub(crate) is_strict: bool,
}

/// The depth up to which each parser of JSON reads.
pub(super) const COMMON_DEPTH: usize = 100;
/// The length up to which a number is in the range of each parser, if it has no exponent.
pub(super) const COMMON_NUMBER: usize = 300;
