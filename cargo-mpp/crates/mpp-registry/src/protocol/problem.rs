//! Errors of the API as documents (RFC 9457).

use serde::{Deserialize, Serialize};

/// The media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The error that a registry answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Problem {
    /// Always `about:blank`: the code identifies the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The title of the code.
    pub title: String,
    /// The status of the response.
    pub status: u16,
    /// The stable code, for example `MPP-N301`.
    pub code: String,
    /// What happened, with the values of this request.
    pub detail: String,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// Creates the document for an error with a code.
    #[must_use]
    pub fn new(status: u16, code: &mpp_host::Code, detail: String, help: Option<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: code.title.to_owned(),
            status,
            code: code.id.to_owned(),
            detail,
            help,
        }
    }
}
