//! Successful builds.

use mpp_build::Event;
use mpp_host::codes::Coded as _;
use mpp_host::package::manifest::RuntimeKind;

use crate::support::{FIND, Sources, answering, build, cargo_toml, options};

fn tool(name: &str, more: &str) -> Sources {
    Sources::new(&[("Cargo.toml", &cargo_toml(name, more)), ("src/main.rs", &answering(FIND))])
}

#[test]
fn derives_the_manifest_from_cargo_toml_and_the_module() {
    let sources = tool(
        "derived",
        "authors = [\"Ada <ada@example.com>\"]\nlicense = \"MIT\"\n[package.metadata.mpp]\npackage_id = \"com.example.derived\"\n\
         runtime = { timeout_ms = 5000 }\ncapabilities = { env_vars = [\"KEY\"] }\npublisher = { url = \"https://example.com\" }",
    );
    sources.write("README.md", "# derived");
    let (built, events) = sources.build().expect("built");
    let manifest = built.manifest();
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("derived", "0.2.0"));
    assert_eq!(manifest.package_id, "com.example.derived");
    assert_eq!(manifest.description, "Find people.", "the first line of the only tool");
    assert_eq!(manifest.publisher.name, "Ada");
    assert_eq!(manifest.publisher.url.as_deref(), Some("https://example.com"));
    assert_eq!(manifest.license.as_deref(), Some("MIT"));
    assert_eq!((manifest.runtime.kind, manifest.runtime.timeout_ms), (RuntimeKind::Wasip1, 5000));
    assert_eq!(manifest.capabilities.env_vars, ["KEY"]);
    assert_eq!(manifest.tool_definitions.len(), 1);
    assert_eq!(built.file_stem(), "derived-0.2.0");
    let rustc = built.toolchain.rustc.as_deref().expect("the compiler is known");
    assert!(rustc.starts_with("1."), "{rustc}");
    assert_eq!(built.toolchain.target.as_deref(), Some("wasm32-wasip1"));
    assert!(events.contains(&Event::Packing { entries: 3 }), "the module, README.md and the libraries: {events:?}");
}

#[test]
fn strips_the_module_and_writes_its_symbols_to_another_file() {
    let (built, _) = tool("stripped", "").build().expect("built");
    let symbols = std::fs::read(built.symbols.as_ref().expect("symbols")).expect("read");
    assert_eq!(symbols.len() as u64, built.linked_bytes);
    assert!(built.module_bytes < built.linked_bytes / 2, "{} of {}", built.module_bytes, built.linked_bytes);
    assert!(built.module_bytes < 115 * 1024, "{}", built.module_bytes);
    let has = |name: &str| symbols.windows(name.len()).any(|window| window == name.as_bytes());
    assert!(has(".debug_line"), "lines for backtraces");
    let home = std::env::home_dir().expect("home");
    assert!(!has(&home.join(".cargo").display().to_string()), "no path of this machine");
}

#[test]
fn a_second_build_runs_neither_the_compiler_nor_the_module() {
    let sources = tool("again", "");
    let (first, _) = sources.build().expect("first");
    let (second, events) = sources.build().expect("second");
    assert_eq!(first.unsigned.bytes(), second.unsigned.bytes());
    assert!(!events.iter().any(|event| matches!(event, Event::Describing { .. })), "{events:?}");
    let compiled = events.iter().any(|event| matches!(event, Event::CargoLine(line) if line.contains("Compiling")));
    assert!(!compiled, "{events:?}");
    sources.write("src/main.rs", answering(&FIND.replace("\"find\"", "\"seek\"")));
    let (third, events) = sources.build().expect("third");
    assert!(events.iter().any(|event| matches!(event, Event::Describing { .. })), "{events:?}");
    assert_eq!(third.manifest().tool_definitions[0].name, "seek");
}

#[test]
fn features_reach_the_compiler_and_the_attestation() {
    let more = "[features]\nbig = []\nsmall = []\n[package.metadata.mpp]\nfeatures = [\"big\"]";
    let sources = tool("featured", more);
    let program = answering(FIND)
        + "#[cfg(not(all(feature = \"big\", feature = \"small\")))]\ncompile_error!(\"a feature is missing\");\n";
    sources.write("src/main.rs", program);
    let mut options = options();
    options.features.push("small".to_owned());
    let (built, _) = build(&sources.find().expect("found"), &options).expect("built");
    assert_eq!(built.toolchain.features, ["big", "small"]);
}

#[test]
fn manifest_json_takes_precedence_over_cargo_toml() {
    let sources = tool("based", "description = \"from Cargo.toml\"");
    sources.write("manifest.json", r#"{"description": "from manifest.json", "runtime": {"memory_limit_mb": 16}}"#);
    let (built, _) = sources.build().expect("built");
    assert_eq!(built.manifest().description, "from manifest.json");
    assert_eq!(built.manifest().runtime.memory_limit_mb, 16);
    assert_eq!(built.manifest().tool_definitions[0].name, "find");
}

#[test]
fn refuses_definitions_that_contradict_the_module() {
    let sources = tool("contrary", "");
    sources.write("manifest.json", r#"{"tool_definitions": [{"name": "find", "description": "Find places."}]}"#);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B022");
    let message = error.to_string();
    assert!(message.contains("find/description: manifest `\"Find places.\"`, module `\"Find people."), "{message}");
}

#[test]
fn a_dependency_may_have_the_name_of_the_project() {
    let sources = tool("namesake", "[dependencies.other]\npackage = \"namesake\"\npath = \"vendor/namesake\"");
    sources.write(
        "vendor/namesake/Cargo.toml",
        "[package]\nname = \"namesake\"\nversion = \"3.0.0\"\nedition = \"2021\"\n",
    );
    sources.write("vendor/namesake/src/lib.rs", "");
    let (built, _) = sources.build().expect("built");
    assert_eq!(built.manifest().name, "namesake");
    assert_eq!(built.manifest().version, "0.2.0");
}

#[test]
fn the_default_package_id_starts_with_local() {
    let (built, _) = tool("idless", "").build().expect("built");
    let id = &built.manifest().package_id;
    assert!(id.starts_with("local.") && id.ends_with(".idless"), "{id}");
}

#[test]
fn the_crates_are_listed_in_each_build_unless_the_author_has_a_list() {
    let sources = tool("linking", "[dependencies]\nclient = { path = \"client\" }");
    sources.write("client/Cargo.toml", cargo_toml("client", "license = \"MIT\""));
    sources.write("client/src/lib.rs", "");
    let entry = mpp_build::SBOM_ENTRY.as_bytes();
    let has_entry = |bytes: &[u8]| bytes.windows(entry.len()).any(|window| window == entry);
    let (first, _) = sources.build().expect("built");
    assert!(has_entry(first.unsigned.bytes()));
    // What cargo said is remembered.
    let (second, _) = sources.build().expect("built");
    assert_eq!(first.unsigned.bytes(), second.unsigned.bytes());
    sources.write(mpp_build::SBOM_ENTRY, "{}");
    let (own, events) = sources.build().expect("built");
    assert!(events.contains(&Event::Packing { entries: 2 }), "{events:?}");
    assert_ne!(own.unsigned.bytes(), second.unsigned.bytes());
}

#[test]
fn packs_assets_under_their_relative_paths() {
    let sources = tool("laden", "[package.metadata.mpp]\nassets = [\"data/*.json\"]");
    let error = sources.build().expect_err("nothing matches yet");
    assert_eq!(error.code(), "MPP-B024");
    sources.write("data/a.json", "{}");
    sources.write("data/b.txt", "");
    let (built, events) = sources.build().expect("built");
    assert!(events.contains(&Event::Packing { entries: 3 }), "{events:?}");
    let bytes = built.unsigned.bytes();
    assert!(bytes.windows(11).any(|window| window == b"data/a.json"));
}

#[test]
fn public_types_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<mpp_build::BuildError>();
    shared::<mpp_build::BuildOptions>();
    shared::<mpp_build::Built>();
    shared::<mpp_build::DevMappings>();
    shared::<mpp_build::Event>();
    shared::<mpp_build::KeyError>();
    shared::<mpp_build::Project>();
    shared::<mpp_build::Reproduced>();
    shared::<mpp_build::StripError>();
}
