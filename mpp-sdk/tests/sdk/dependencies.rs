//! A tool links at most fifteen crates, including the SDK.

use std::{collections::BTreeSet, process::Command};

#[test]
fn a_tool_links_at_most_fifteen_crates() {
    let cargo = std::env::var("CARGO").unwrap();
    let tree = Command::new(cargo)
        .args(["tree", "--package", "mpp-sdk", "--edges", "normal,no-proc-macro", "--target", "wasm32-wasip1"])
        .args(["--prefix", "none", "--format", "{lib}", "--no-default-features", "--features", "tool", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let mut crates: BTreeSet<&str> =
        text.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    crates.insert("the tool");
    assert!(crates.contains("mpp_sdk") && crates.contains("serde_json"), "{crates:?}");
    assert!(crates.len() <= 15, "{} crates: {crates:?}", crates.len());
}
