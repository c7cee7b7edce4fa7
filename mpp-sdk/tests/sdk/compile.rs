//! What the compiler says. Bless a change with `TRYBUILD=overwrite cargo test -p mpp-sdk --test sdk`, and read it.

#[test]
fn the_compiler_says_what_is_wrong_and_how_to_mend_it() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_pass/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
