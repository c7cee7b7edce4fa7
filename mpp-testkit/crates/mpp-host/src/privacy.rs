//! Redacts personal data and secrets in everything that leaves the sandbox.
//!
//! The data flow, from an answer to its redacted copy:
//!
//! 1. A JSON result or plain text (a text item, an error message, a log) enters, together with the [`Secrets`] that the
//!    call was given. `config` compiled the manifest's `privacy_filters` when the package was loaded.
//! 2. `json` walks a JSON result and passes each string, key and number to `text`, with the object keys above it
//!    (`context`) and the author's exemptions (`pointer`). Plain text goes to `text` directly.
//! 3. `look` scans a string in several views: as it is, with look-alike characters folded to ASCII (`fold`), and with
//!    escape sequences decoded (`unescape`). `text` passes JSON text within the string to `json`.
//! 4. In each view, three scanners look for matches: `secrets` finds echoes of the call's secrets, `custom` applies the
//!    author's expressions, and `scan` looks for digits and `@` and lets each built-in pattern (`patterns`) examine the
//!    surroundings. `view` maps the spans of the matches back to the original string.
//! 5. `span` merges overlapping spans, `markers` writes `[REDACTED:id]` in their place, and `text` has the result
//!    scanned again until nothing is found. All other bytes stay unchanged.
//! 6. `report` counts the redactions and lists where they are (`places`), without the text.
//!
//! *Invariant:* no function returns unfiltered text. Input that cannot be parsed or is nested too deeply is replaced as a
//! whole.
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
mod error;
mod fold;
mod json;
mod look;
mod markers;
mod patterns;
mod places;
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

pub use config::check;
pub use error::{PatternError, RegexError};
pub(crate) use json::Examined;
pub use places::{Place, Places, PlacesIter};
pub use report::{Filtered, RedactionReport};
pub use secrets::Secrets;

use crate::package::manifest::PrivacyFilters;

/// The id reported for a value that could not be parsed and was replaced as a whole.
pub const UNREADABLE: &str = "unreadable";

/// Returns the names of the built-in patterns. Where matches overlap, the earlier pattern names the redaction.
pub fn builtin_patterns() -> impl Iterator<Item = &'static str> {
    patterns::Builtin::ALL.iter().map(|pattern| pattern.id())
}

/// The compiled privacy filter of a loaded package.
#[derive(Debug)]
pub struct PrivacyFilter {
    /// The patterns that the author selected; not applied in exempt places.
    chosen: patterns::PatternSet,
    /// The patterns that the host's policy forces; applied everywhere.
    forced: patterns::PatternSet,
    custom: custom::CustomPatterns,
    exempt: pointer::Exemptions,
}

impl PrivacyFilter {
    /// Compiles a manifest's `privacy_filters` together with the built-in patterns that the host's policy forces (`*` for
    /// all). Forced patterns also apply in exempt places, and if the author switched the filter off.
    ///
    /// # Errors
    /// Returns an error if [`check`] refuses the configuration, or if a forced name is not a built-in pattern.
    pub fn compile(config: &PrivacyFilters, forced: &[&str]) -> Result<Arc<Self>, PatternError> {
        config::compile(config, forced).map(Arc::new)
    }

    /// Filters every string, object key and number of a JSON text. `at` is the JSON pointer of this value within the
    /// result, normally `""`: exemptions and reported places are relative to the root of the result.
    ///
    /// Text that is not exactly one JSON value is replaced by the string `[REDACTED:unreadable]`.
    #[must_use]
    pub fn filter_json(&self, json: &str, secrets: &Secrets, at: &str) -> Filtered<String> {
        let Filtered { value: Examined { changed, .. }, report } = self.examine(json, secrets, at);
        Filtered { value: changed.unwrap_or_else(|| json.to_owned()), report }
    }

    /// Like [`filter_json`](Self::filter_json), without a copy of a text that does not change.
    pub(crate) fn examine(&self, json: &str, secrets: &Secrets, at: &str) -> Filtered<Examined> {
        let mut report = RedactionReport::default();
        let value = json::filter(self, secrets, json, at, &mut report, text::filter);
        Filtered { value, report }
    }

    /// Filters plain text, for example a text item, an error message or a log.
    #[must_use]
    pub fn filter_text(&self, text: &str, secrets: &Secrets) -> Filtered<String> {
        let mut report = RedactionReport::default();
        let place =
            look::Place { keys: context::Keys::default(), exempt: false, depth: 0, absent: look::Absent::default() };
        let mut counts = report::Counts::default();
        let value = text::filter(self, secrets, text, place, &mut counts).unwrap_or_else(|| text.to_owned());
        if !counts.is_empty() {
            let mut total = report::Total::default();
            report.place("", &counts, &mut total, |source| markers::id(self, secrets, source));
            report.count(&total, |source| markers::id(self, secrets, source));
        }
        Filtered { value, report }
    }
}

#[cfg(test)]
mod corpora;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
