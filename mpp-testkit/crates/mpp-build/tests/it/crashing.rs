//! Backtraces of crashes name source lines although the packed module contains none.

use crate::support::{Sources, cargo_toml, runnable, sdk_dependency};

const MAIN: &str = "/// The tenth of a list.
#[mpp::tool]
fn tenth(
    /// At least ten.
    of: Vec<u64>,
) -> u64 {
    pick(&of)
}

fn pick(of: &[u64]) -> u64 {
    of[9]
}

fn main() {
    mpp::serve()
}
";

#[test]
fn a_backtrace_names_source_lines() {
    let manifest = cargo_toml("crashing", &format!("[dependencies]\n{}\n[workspace]", sdk_dependency()));
    let sources = Sources::new(&[("Cargo.toml", &manifest), ("src/main.rs", MAIN)]);
    let (built, _) = sources.build().expect("built");
    let output = runnable(built).call("tenth", r#"{"of": [1]}"#);
    let error = output.outcome().expect_err("an index out of bounds");
    let frames = error.data["backtrace"].to_string();
    // The compiler may inline `pick`; the backtrace has its line in either case.
    assert!(frames.contains(" at src/main.rs:11"), "{frames}");
    assert!(frames.contains(" at src/main.rs:7"), "{frames}");
    // The prefix `/build` that replaces the project's path must not be visible. (The C library has paths below a
    // different `/build`.)
    assert!(!frames.contains(" at /build/"), "{frames}");
    assert!(
        frames.starts_with("[\"#0 pick at ") || frames.starts_with("[\"#0 tenth at "),
        "the function that panicked comes first: {frames}"
    );
}
