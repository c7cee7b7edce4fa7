//! The SDK for C passes its own tests with the C compiler that Rust uses as its linker, and contains what it vendors.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;

fn sdk() -> PathBuf {
    root().join("mpp-sdk/languages/c")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{}{said}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_sdk_for_c_passes_its_tests() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mpp-tool-in-c");
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-Wno-format-truncation", "-o"]).arg(&program);
    run(cc.args(["tests/test.c", "mpp_tool.c", "cJSON.c", "-lm"]).current_dir(sdk()));
    run(&mut Command::new(program));
}

#[test]
fn the_sdk_for_c_compiles_as_strict_c_and_its_header_as_cpp() {
    let strict = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror"];
    let mut cc = Command::new("cc");
    run(cc
        .args(strict)
        .args(["-std=c11", "-D_GNU_SOURCE", "-I."])
        .args(["mpp_tool.c", "examples/lookup/lookup.c"])
        .current_dir(sdk()));
    let mut cpp = Command::new("cc");
    run(cpp.args(strict).args(["-std=c++20", "-x", "c++", "mpp_tool.h"]).current_dir(sdk()));
}

#[test]
fn the_vendored_library_has_its_licence() {
    let licence = std::fs::read_to_string(sdk().join("LICENSE.cJSON")).unwrap();
    assert!(
        licence.contains("Dave Gamble and cJSON contributors") && licence.contains("Permission is hereby granted"),
        "{licence}"
    );
}
