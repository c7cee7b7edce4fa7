//! Console transcripts in `tests/cmd`: help, error texts, exit codes, word for word.
//!
//! After a change that is meant, `TRYCMD=overwrite cargo test -p cargo-mpp transcripts` writes them anew.

#[test]
fn transcripts() {
    let home = tempfile::tempdir().expect("a directory");
    trycmd::TestCases::new()
        .env("MPP_HOME", home.path().to_string_lossy())
        .env("COLUMNS", "100")
        .case("tests/cmd/*.md");
}
