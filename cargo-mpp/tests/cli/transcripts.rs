//! Console transcripts in `tests/cmd`: help, error messages and exit codes, word for word.
//!
//! After an intended change, `cargo xtask bless` rewrites them.

#[test]
fn transcripts() {
    let home = tempfile::tempdir().expect("a directory");
    trycmd::TestCases::new()
        .env("MPP_HOME", home.path().to_string_lossy())
        .env("COLUMNS", "100")
        .case("tests/cmd/*.md");
}
