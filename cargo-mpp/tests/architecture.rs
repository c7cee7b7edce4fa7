//! Checks that the code follows `ARCHITECTURE.md`: dependencies, forbidden imports, and generated pages.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "architecture/api.rs"]
mod api;
#[path = "architecture/commands.rs"]
mod commands;
#[path = "architecture/cycles.rs"]
mod cycles;
#[path = "architecture/host_functions.rs"]
mod host_functions;
#[path = "architecture/language_costs.rs"]
mod language_costs;
#[path = "architecture/sdk_for_c.rs"]
mod sdk_for_c;
#[path = "architecture/sdk_for_js.rs"]
mod sdk_for_js;
#[path = "architecture/testing_pages.rs"]
mod testing_pages;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Each crate of the workspace, its directory, and the crates of the workspace that it can depend on. A crate that uses
/// `mpp-sdk` together with `mpp-host` uses only its wire types.
const CRATES: &[(&str, &str, &[&str])] = &[
    ("mpp-macros", "mpp-macros", &[]),
    ("mpp-sdk", "mpp-sdk", &["mpp-macros"]),
    ("mpp-host", "mpp-testkit/crates/mpp-host", &["mpp-sdk"]),
    ("mpp-build", "mpp-testkit/crates/mpp-build", &["mpp-sdk", "mpp-host"]),
    ("mpp-recording", "mpp-testkit/crates/mpp-recording", &["mpp-host"]),
    ("mpp-cases", "mpp-testkit/crates/mpp-cases", &["mpp-host", "mpp-recording"]),
    ("mpp-testkit", "mpp-testkit", &["mpp-sdk", "mpp-host", "mpp-build", "mpp-recording"]),
    ("mpp-home", "cargo-mpp/crates/mpp-home", &["mpp-host"]),
    ("mpp-mcp", "cargo-mpp/crates/mpp-mcp", &["mpp-host", "mpp-recording", "mpp-home"]),
    ("mpp-registry", "cargo-mpp/crates/mpp-registry", &["mpp-host"]),
    ("workspace-hack", "cargo-mpp/crates/workspace-hack", &[]),
    ("xtask", "cargo-mpp/crates/xtask", &[]),
    (
        "cargo-mpp",
        "cargo-mpp",
        &["mpp-sdk", "mpp-host", "mpp-build", "mpp-recording", "mpp-cases", "mpp-home", "mpp-mcp", "mpp-registry"],
    ),
];

/// Features of `mpp-host` that only tests need, and the crates that may enable them. No program that runs packages of other
/// people is among those of `in-process`.
const TEST_FEATURES: &[(&str, &[&str])] = &[
    ("testing", &["mpp-cases", "mpp-recording", "mpp-testkit"]),
    ("in-process", &["mpp-testkit"]),
    ("samples", &[]),
    ("tamper", &["mpp-testkit"]),
];

/// Text that the sources of a folder must not contain, and the reason. Rules that clippy can check are in each crate's
/// `clippy.toml`.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "mpp-testkit/crates/mpp-host/src",
        &["use mpp_sdk::{", "use mpp_sdk::tool", "use mpp_sdk::Error", "mpp_sdk::serve("],
        "the host uses only `mpp_sdk::wire`",
    ),
    (
        "cargo-mpp/src/commands",
        &["println!(", "print!(", "io::stdout", "io::stderr"],
        "only `ui` writes to the terminal",
    ),
    ("cargo-mpp/src/commands", &["env::var", "env::current_dir", "env::args"], "only `session` reads the environment"),
    ("cargo-mpp/src/commands", &["crate::commands::", "super::super::commands"], "no command imports another"),
    ("cargo-mpp/src", &["ed25519_dalek", "wasmtime::", "zip::"], "the program goes through the host"),
];

/// Options and commands that a library is allowed to contain: the file, the words, and the reason.
const COMMAND_LINES: &[(&str, &[&str], &str)] = &[
    (
        "mpp-testkit/crates/mpp-build/src/cargo.rs",
        &[
            "--package",
            "--bin",
            "--target",
            "--profile",
            "--message-format",
            "--config",
            "--features",
            "--target-dir",
            "--offline",
            "--locked",
            "--frozen",
            "--color",
            "--remap-path-prefix",
            "--emit-relocs",
            "--export",
        ],
        "options of `cargo build`, of `rustc` and of the linker",
    ),
    ("mpp-testkit/crates/mpp-build/src/toolchain/c/build_systems.rs", &["--build"], "an option of `cmake`"),
    ("mpp-testkit/crates/mpp-build/src/trim/links.rs", &["--emit-relocs"], "an option of the linker"),
    ("mpp-testkit/crates/mpp-host/src/privacy/corpora.rs", &["--hash"], "text that the filter leaves alone"),
    (
        "mpp-testkit/crates/mpp-build/src/cargo/tree.rs",
        &["--package", "--target", "--edges", "--prefix", "--format", "--charset"],
        "options of `cargo tree`",
    ),
    ("mpp-testkit/crates/mpp-build/src/cargo_failure/recognize.rs", &["--offline", "--frozen"], "messages of cargo"),
    (
        "mpp-testkit/crates/mpp-build/src/author_flags.rs",
        &[
            "--allow",
            "--cap-lints",
            "--cfg",
            "--check-cfg",
            "--codegen",
            "--deny",
            "--extern",
            "--forbid",
            "--force-warn",
            "--frob",
            "--gc-sections",
            "--remap-path-prefix",
            "--sysroot",
            "--warn",
        ],
        "options of `rustc`",
    ),
    ("mpp-testkit/crates/mpp-build/src/cargo/target.rs", &["--print", "--target"], "options of `rustc`"),
    (
        "mpp-testkit/crates/mpp-build/src/project/cargo.rs",
        &["--no-deps", "--format-version"],
        "options of `cargo metadata`",
    ),
    (
        "mpp-testkit/crates/mpp-build/src/toolchain/js/bundle.rs",
        &[
            "--version",
            "--bundle",
            "--format",
            "--platform",
            "--main-fields",
            "--charset",
            "--legal-comments",
            "--metafile",
            "--sourcemap",
            "--sources-content",
            "--log-level",
            "--target",
            "--define",
            "--color",
            "--external",
            "--inject",
            "--outfile",
        ],
        "options of `esbuild`",
    ),
    (
        "mpp-testkit/crates/mpp-build/src/toolchain/js.rs",
        &["--version", "--save-dev"],
        "options of `esbuild` and of `npm install`",
    ),
    (
        "mpp-testkit/crates/mpp-build/src/toolchain/js/starlingmonkey.rs",
        &["--save-dev", "--wit", "--world-name", "--disable", "--out"],
        "options of `npm install` and of componentize-js",
    ),
    ("mpp-testkit/crates/mpp-build/src/toolchain/c/compiler.rs", &["--sysroot"], "an option of clang"),
    ("mpp-testkit/crates/mpp-host/src/audit/seal.rs", &["mpp audit"], "labels of derived keys, which logs depend on"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The `Cargo.toml` of a directory of the workspace.
fn manifest(dir: &str) -> toml::Table {
    fs::read_to_string(root().join(dir).join("Cargo.toml")).unwrap().parse().unwrap()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    // The rules do not apply to unit tests, which are at the end of a file.
    let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn crates_depend_only_on_lower_layers() {
    let ours: BTreeSet<&str> = CRATES.iter().map(|(name, ..)| *name).collect();
    for (name, dir, allowed) in CRATES {
        let manifest = manifest(dir);
        assert_eq!(manifest["package"]["name"].as_str(), Some(*name));
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        for dependency in dependencies.into_iter().flat_map(toml::Table::keys).filter(|d| ours.contains(d.as_str())) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}: see ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn only_test_kits_enable_the_test_features_of_the_host() {
    let features_of = |dependency: &toml::Value| -> Vec<String> {
        let list = dependency.get("features").and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
    };
    for (name, dir, _) in CRATES {
        let manifest = manifest(dir);
        let Some(host) = manifest.get("dependencies").and_then(|dependencies| dependencies.get("mpp-host")) else {
            continue;
        };
        for feature in features_of(host) {
            let rule = TEST_FEATURES.iter().find(|(known, _)| *known == feature);
            let is_allowed = rule.is_none_or(|(_, crates)| crates.contains(name));
            assert!(is_allowed, "{name} must not enable `{feature}` of mpp-host: see ARCHITECTURE.md");
        }
    }
    let workspace = &manifest(".")["workspace"]["dependencies"]["mpp-host"];
    assert!(features_of(workspace).is_empty(), "a feature of the workspace's mpp-host is one of every crate");
    // No other feature of the host brings one of them in.
    let host = manifest("mpp-testkit/crates/mpp-host");
    for (feature, enabled) in host["features"].as_table().unwrap().iter().filter(|(name, _)| *name != "tamper") {
        for (test_feature, _) in TEST_FEATURES {
            let enabled = enabled.as_array().unwrap();
            assert!(
                !enabled.iter().any(|other| other.as_str() == Some(*test_feature)),
                "{feature} enables {test_feature}"
            );
        }
    }
    let known: Vec<&str> = host["features"].as_table().unwrap().keys().map(String::as_str).collect();
    assert!(TEST_FEATURES.iter().all(|(feature, _)| known.contains(feature)), "{known:?}");
}

#[test]
fn every_crate_of_the_workspace_has_a_rule() {
    let workspace = manifest(".");
    let members = workspace["workspace"]["members"].as_array().unwrap().iter().filter_map(toml::Value::as_str);
    let is_tool = |dir: &str| dir.starts_with("examples/") || dir.starts_with("mpp-testkit/tests/");
    for dir in members.filter(|dir| !is_tool(dir)) {
        assert!(CRATES.iter().any(|(_, known, _)| *known == dir), "say in `CRATES` what {dir} may depend on");
        let (_, name) = dir.rsplit_once('/').unwrap_or(("", dir));
        assert!(CRATES.iter().any(|(known, ..)| *known == name), "the directory {dir} is not named after its package");
    }
}

#[test]
fn files_do_not_import_each_other_in_cycles() {
    let mut found = BTreeSet::new();
    for (name, dir, _) in CRATES {
        found.extend(cycles::of(&root().join(dir).join("src")).into_iter().map(|files| (*name, files)));
    }
    assert!(found.is_empty(), "cycles, to be broken:\n{found:#?}");
}

#[test]
fn sources_import_only_from_their_layer() {
    let mut broken = Vec::new();
    for (dir, words, why) in FORBIDDEN {
        let mut files = Vec::new();
        sources(&root().join(dir), &mut files);
        assert!(!files.is_empty(), "{dir} is empty");
        for file in files {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            let code = code_of(&file);
            for word in words.iter().filter(|w| code.contains(**w)) {
                broken.push(format!("{name} mentions `{word}`: {why}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Libraries do not know the program: `cargo-mpp/src/wording.rs` words its commands and options. This includes doc
/// comments.
#[test]
fn libraries_name_no_command_and_no_option() {
    let (mut broken, mut used) = (Vec::new(), BTreeSet::new());
    for (name, dir, _) in CRATES.iter().filter(|(name, ..)| !["cargo-mpp", "xtask"].contains(name)) {
        let mut files = Vec::new();
        sources(&root().join(dir).join("src"), &mut files);
        assert!(!files.is_empty(), "{name} has no sources");
        for file in files {
            let place = file.strip_prefix(root()).unwrap().display().to_string();
            for word in commands::of(&fs::read_to_string(&file).unwrap()) {
                match COMMAND_LINES
                    .iter()
                    .find(|(allowed, words, _)| *allowed == place && words.contains(&word.as_str()))
                {
                    Some(_) => drop(used.insert((place.clone(), word))),
                    None => broken.push(format!("{place} names `{word}`")),
                }
            }
        }
    }
    let listed = COMMAND_LINES
        .iter()
        .flat_map(|(place, words, _)| words.iter().map(|word| ((*place).to_owned(), (*word).to_owned())));
    let unused: Vec<_> = listed.filter(|entry| !used.contains(entry)).collect();
    assert!(broken.is_empty(), "say it without a command or an option, or carry a `Remedy`:\n{}", broken.join("\n"));
    assert!(unused.is_empty(), "no longer there, to be taken out of `COMMAND_LINES`: {unused:?}");
}

#[test]
fn unsafe_code_occurs_in_three_files_only() {
    let mut places = BTreeSet::new();
    for (_, dir, _) in CRATES {
        let mut files = Vec::new();
        sources(&root().join(dir).join("src"), &mut files);
        for file in files {
            if code_of(&file).lines().any(|l| {
                l.contains("unsafe {")
                    || l.contains("unsafe extern")
                    || l.contains("unsafe fn")
                    || l.contains("unsafe impl")
            }) {
                places.insert(file.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    let allowed = [
        "mpp-sdk/src/abi/guest.rs",
        "mpp-sdk/src/handler/io/wasi.rs",
        "mpp-testkit/crates/mpp-host/src/sandbox/cache.rs",
    ]
    .map(str::to_owned);
    assert_eq!(places, BTreeSet::from(allowed), "see ARCHITECTURE.md");
}

#[test]
fn every_file_starts_with_its_purpose() {
    for (_, dir, _) in CRATES {
        let mut files = Vec::new();
        sources(&root().join(dir).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let first = text.lines().next().unwrap_or_default();
            assert!(first.starts_with("//! ") && first.len() > 15, "{}: the first line is {first:?}", file.display());
        }
    }
}

/// The book's page of codes is generated from the table of all codes. `cargo xtask gen` rewrites it.
#[test]
fn the_page_of_codes_is_current() {
    let mut page = String::from(
        "# Error codes\n\nEvery error has a code. `cargo mpp explain CODE` prints the text below.\n\n\
         <!-- generated from the tables of codes by `cargo xtask gen` -->\n",
    );
    for code in cargo_mpp::codes::all() {
        write!(page, "\n## {}\n\n*{}*\n\n{}\n", code.id, code.title, cargo_mpp::codes::help(code).trim()).unwrap();
    }
    let path = root().join("book/src/codes.md");
    if std::env::var_os("MPP_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "book/src/codes.md is not current; run `cargo xtask gen`");
}
