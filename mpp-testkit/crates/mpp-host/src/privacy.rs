//! The privacy filter: one pass over everything that leaves the sandbox.
//!
//! [`PrivacyFilter::compile`] is done once per loaded tool, [`PrivacyFilter::filter_json`] and
//! [`PrivacyFilter::filter_text`] once per answer. What is found becomes `[REDACTED:id]`; everything else leaves byte
//! for byte as it came.
//!
//! *Invariant:* there is no way from here to unfiltered text. Input that cannot be read, or nested too deeply to be
//! looked through, is replaced whole.
//!
//! *Invariant:* filtering is idempotent: filtering an answer again changes nothing.
//!
//! ```
//! use mpp_host::package::manifest::PrivacyFilters;
//! use mpp_host::privacy::{PrivacyFilter, Secrets};
//!
//! let filter = PrivacyFilter::compile(&PrivacyFilters::default(), &[])?;
//! let secrets = Secrets::new([("CRM_API_KEY", "correct-horse-battery")]);
//! let answer = filter.filter_json(r#"{"mail":"ada@post.example","key":"correct-horse-battery","n":1.50}"#, &secrets, "");
//! assert_eq!(answer.value, r#"{"mail":"[REDACTED:email]","key":"[REDACTED:env:CRM_API_KEY]","n":1.50}"#);
//! assert_eq!(answer.report.counts["email"], 1);
//! # Ok::<(), mpp_host::privacy::PatternError>(())
//! ```

mod config;
mod context;
mod custom;
mod fold;
mod json;
mod markers;
mod patterns;
mod pointer;
mod report;
mod run;
mod scan;
mod secrets;
mod span;
mod text;
mod unescape;
mod view;

use std::sync::Arc;

pub use config::{PatternError, check};
pub use report::{Filtered, Place, RedactionReport};
pub use secrets::Secrets;

use crate::package::manifest::PrivacyFilters;

/// The id under which a value is reported that could not be read and was replaced whole.
pub const UNREADABLE: &str = "unreadable";

/// The names of the built-in patterns, in the order that decides which id an overlap gets.
pub fn builtin_patterns() -> impl Iterator<Item = &'static str> {
    patterns::Builtin::ALL.iter().map(|pattern| pattern.id())
}

/// The filter of one loaded tool: its patterns, compiled.
#[derive(Debug)]
pub struct PrivacyFilter {
    /// What the author asked for; not applied in exempt places.
    chosen: patterns::PatternSet,
    /// What the host insists on; applied everywhere.
    forced: patterns::PatternSet,
    custom: custom::CustomPatterns,
    exempt: pointer::Exemptions,
}

impl PrivacyFilter {
    /// Compiles a manifest's `privacy_filters`, with the built-in patterns that the host's policy forces on (`*` for
    /// all). Forced patterns apply where the author switched the filter off, and in exempt places.
    ///
    /// # Errors
    /// Where [`check`] refuses the configuration, and where a forced name is no built-in pattern.
    pub fn compile(config: &PrivacyFilters, forced: &[&str]) -> Result<Arc<Self>, PatternError> {
        config::compile(config, forced).map(Arc::new)
    }

    /// Filters one JSON text: every string, every object key, every number that matches. `at` is the JSON pointer of
    /// this value within the result, normally `""`: exemptions and reported places are relative to the result's root.
    ///
    /// Text that is not one JSON value is never let through: the answer is then the string `[REDACTED:unreadable]`.
    #[must_use]
    pub fn filter_json(&self, json: &str, secrets: &Secrets, at: &str) -> Filtered<String> {
        let mut report = RedactionReport::default();
        let value = json::filter(self, secrets, json, at, &mut report);
        Filtered { value, report }
    }

    /// Filters plain text: a text item, an error message, a log.
    #[must_use]
    pub fn filter_text(&self, text: &str, secrets: &Secrets) -> Filtered<String> {
        let mut report = RedactionReport::default();
        let place =
            text::Place { keys: context::Keys::default(), exempt: false, depth: 0, absent: text::Absent::default() };
        let mut counts = report::Counts::default();
        let value = text::filter(self, secrets, text, place, &mut counts).unwrap_or_else(|| text.to_owned());
        report.add(String::new(), counts, |source| markers::id(self, secrets, source));
        Filtered { value, report }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
