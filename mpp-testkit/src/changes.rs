//! Holds what has changed, one change a line, against what a test expects.

use crate::failure::{block, fail};

/// `found` are the changes of `what`; the order in which they are expected does not matter.
#[track_caller]
pub(crate) fn assert<T: AsRef<str>>(what: &str, found: &[String], expected: impl IntoIterator<Item = T>) {
    let expected: Vec<T> = expected.into_iter().collect();
    let missing: Vec<&str> =
        expected.iter().map(AsRef::as_ref).filter(|line| found.iter().all(|other| other != line)).collect();
    let others: Vec<&str> =
        found.iter().map(String::as_str).filter(|line| expected.iter().all(|other| other.as_ref() != *line)).collect();
    if missing.is_empty() && others.is_empty() {
        return;
    }
    let message =
        if expected.is_empty() { "changed, and should not have" } else { "changed in another way than expected" };
    let missing = block("expected, and not found:", &missing.join("\n"));
    let others = block("found, and not expected:", &others.join("\n"));
    fail(format_args!("{what} {message}{missing}{others}"), "")
}
