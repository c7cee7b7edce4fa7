//! Compile errors. Bless a change with `TRYBUILD=overwrite cargo test -p mpp-sdk --test sdk`, and review it.

#[test]
fn compile_errors_explain_the_mistake_and_its_fix() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_pass/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
