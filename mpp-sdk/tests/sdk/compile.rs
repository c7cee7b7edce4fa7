//! Compile errors. Bless a change with `TRYBUILD=overwrite cargo test -p mpp-sdk --test sdk`, and review it.

use std::{fs, path::Path};

#[test]
fn compile_errors_explain_the_mistake_and_its_fix() {
    copy_schemas();
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_pass/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}

/// Copies the schema files that the cases name to the crate that trybuild generates: their paths are relative to its manifest.
fn copy_schemas() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let copies = target.join("tests/trybuild/mpp-sdk/schemas");
    fs::create_dir_all(&copies).unwrap();
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compile_fail/schemas")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, copies.join(file.file_name().unwrap())).unwrap();
    }
}
