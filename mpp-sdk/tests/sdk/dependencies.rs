//! A tool links at most eighteen crates, including the SDK.

use std::{collections::BTreeSet, fs, process::Command};

/// The features that add schemas for types of other crates, in the manifest.
fn foreign() -> BTreeSet<String> {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    manifest
        .lines()
        .filter(|line| line.contains("schemars?/"))
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_features_for_other_crates_are_documented() {
    let book = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../book/src/types.md")).unwrap();
    let table = book.split("| feature | crate |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows = table.lines().skip(2).map(|row| row.split('`').nth(1).unwrap().to_owned());
    assert_eq!(rows.collect::<BTreeSet<_>>(), foreign());
    let front_page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    for feature in foreign() {
        assert!(front_page.contains(&format!("`{feature}`")), "{feature}");
    }
}

#[test]
fn a_tool_links_at_most_eighteen_crates() {
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
    assert!(crates.len() <= 18, "{} crates: {crates:?}", crates.len());
}
