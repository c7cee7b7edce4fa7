//! Compares changes of the state or of files, one change per line, with those that a test expects.

use crate::failure::{block, fail};

/// Asserts that the changes of `subject` are the expected ones, in any order.
#[track_caller]
pub(crate) fn assert<T: AsRef<str>>(subject: &str, found: &[String], expected: impl IntoIterator<Item = T>) {
    let expected: Vec<T> = expected.into_iter().collect();
    let missing: Vec<&str> =
        expected.iter().map(AsRef::as_ref).filter(|line| found.iter().all(|other| other != line)).collect();
    let others: Vec<&str> =
        found.iter().map(String::as_str).filter(|line| expected.iter().all(|other| other.as_ref() != *line)).collect();
    if missing.is_empty() && others.is_empty() {
        return;
    }
    let message = if expected.is_empty() { "changed; expected no changes" } else { "did not change as expected" };
    let missing = block("expected, but not found:", &missing.join("\n"));
    let others = block("found, but not expected:", &others.join("\n"));
    fail(format_args!("{subject} {message}{missing}{others}"), "")
}
