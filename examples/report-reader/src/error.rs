//! The error of all tools.

use std::io;

/// A failure to read the reports or the budget, or to write the summary.
#[derive(Debug, mpp::ToolError)]
pub(crate) enum ReportError {
    #[error(code = "no_reports", message = "there is no .csv file in `{directories}`")]
    NoReports { directories: String },
    #[error(code = "no_such_month", message = "there are no expenses in {month}; the latest are in {latest}")]
    NoSuchMonth { month: String, latest: String },
    #[error(code = "not_found", message = "no expense matches `{query}`; try one word of it, or `totals`")]
    NotFound { query: String },
    #[error(code = "bad_budget", message = "line {line} of the budget cannot be read: {problem}")]
    Budget { line: u64, problem: String },
    #[error(code = "unreadable", retryable, message = "a file could not be read or written")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Other(#[from] mpp::Error),
}
