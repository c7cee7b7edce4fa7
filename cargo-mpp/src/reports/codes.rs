//! Results of `mpp explain`.

use schemars::JsonSchema;
use serde::Serialize;

/// An error code.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Explanation {
    /// The code, for example `MPP-G401`.
    pub(crate) code: &'static str,
    /// The error in one line.
    pub(crate) title: &'static str,
    /// The cause, and what to do next.
    pub(crate) help: String,
    /// Exit code of the program.
    pub(crate) exit_code: u8,
}

/// All error codes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CodeTable {
    /// The codes, sorted by area and number.
    pub(crate) codes: Vec<Explanation>,
}
