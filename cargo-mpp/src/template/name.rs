//! Checks the names of new projects, which must be valid as a Cargo package, a tool name and a label of a package id.

use mpp_mcp::scaffold::names;

use super::NewError;

/// Maximum length of a name in a manifest.
const LONGEST: usize = 64;

/// Names that cargo refuses for a package, or that would hide a dependency of the project, besides keywords and devices.
const TAKEN: &[&str] = &[
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "mpp",
    "mpp-build",
    "mpp-host",
    "mpp-macros",
    "mpp-recording",
    "mpp-sdk",
    "mpp-testkit",
    "proc-macro",
    "std",
    "test",
];

/// Checks a name.
///
/// # Errors
/// Returns [`NewError::Name`] with a similar valid name if the name is not valid.
pub(super) fn check(name: &str) -> Result<(), NewError> {
    let fits = (1..=LONGEST).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let reason = match (fits, is_taken(name)) {
        (true, false) => return Ok(()),
        (true, true) => "the word is taken",
        (false, _) => "expected lower-case letters, digits and `-`, beginning with a letter, at most 64",
    };
    Err(NewError::Name { name: name.to_owned(), reason, suggestion: suggestion(name) })
}

fn is_taken(name: &str) -> bool {
    names::is_reserved(name) || TAKEN.contains(&name)
}

fn suggestion(name: &str) -> String {
    let words = names::words(name).join("-");
    let out = words.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
    // Leaves room for the suffix that is added if the name is taken.
    let out: String = out.chars().take(LONGEST - "-tool".len()).collect();
    let out = out.trim_end_matches('-');
    match out {
        "" => "my-tool".to_owned(),
        word if is_taken(word) => format!("{word}-tool"),
        word => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops at the first surprise")]

    use super::{NewError, check};

    #[test]
    fn accepts_names_that_are_valid_everywhere() {
        for good in ["a", "my-tool", "crm2", "x-1"] {
            check(good).expect(good);
        }
    }

    #[test]
    fn suggests_a_valid_name() {
        for (bad, better) in [
            ("MyTool", "my-tool"),
            ("HTTPServer", "http-server"),
            ("com1", "com1-tool"),
            ("my_tool", "my-tool"),
            ("my tool!", "my-tool"),
            ("2fast", "fast"),
            ("tool-", "tool"),
            ("fn", "fn-tool"),
            ("mpp", "mpp-tool"),
            ("", "my-tool"),
            ("日本", "my-tool"),
            (&"x".repeat(80), &"x".repeat(59)),
        ] {
            let Err(NewError::Name { suggestion, .. }) = check(bad) else { panic!("{bad} was taken") };
            assert_eq!(suggestion, better, "{bad}");
            check(&suggestion).expect("a suggestion fits");
        }
    }
}
