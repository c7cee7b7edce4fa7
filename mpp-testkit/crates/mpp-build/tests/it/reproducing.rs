//! Reproducible builds: the same bytes in another directory, or an error that names the first difference.

use mpp_build::{Event, check_repro};
use mpp_host::codes::Coded as _;

use crate::support::{FIND, Sources, answering, cargo_toml, host, options};

#[test]
fn builds_the_same_package_in_another_directory() {
    let sources = Sources::new(&[
        ("Cargo.toml", &cargo_toml("stable", "[dependencies]\ninner = { path = \"vendor/inner\" }\n[workspace]")),
        ("src/main.rs", &format!("{}#[allow(dead_code)] fn used() {{ inner::location() }}", answering(FIND))),
        ("vendor/inner/Cargo.toml", &cargo_toml("inner", "")),
        ("vendor/inner/src/lib.rs", "pub fn location() { panic!(\"where am I\") }"),
    ]);
    let program = answering(FIND)
        .replace("fn main() {", "fn main() {\n    if std::env::args().count() > 5 { inner::location() }");
    sources.write("src/main.rs", program);
    let mut events = Vec::new();
    let project = sources.find().expect("found");
    let report = check_repro(&project, &options(), host(), &mut |event| events.push(event)).expect("reproducible");
    assert!(!report.copy.exists(), "the copy is removed");
    assert!(events.contains(&Event::BuildingCopy { dir: report.copy.clone() }));
}

#[test]
fn shows_a_path_that_is_compiled_into_the_module() {
    let program = answering(FIND).replace(
        "fn main() {",
        "fn main() {\n    if std::env::args().count() > 5 { println!(env!(\"CARGO_MANIFEST_DIR\")) }",
    );
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("unstable", "")), ("src/main.rs", &program)]);
    let error = check_repro(&sources.find().expect("found"), &options(), host(), &mut |_| {}).expect_err("refused");
    assert_eq!(error.code(), "MPP-B030");
    assert!(error.to_string().contains("the module's data section differs first at byte"), "{error}");
}

#[test]
fn refuses_a_dependency_outside_the_workspace_before_building() {
    let outside = Sources::new(&[("Cargo.toml", &cargo_toml("outside", "")), ("src/lib.rs", "")]);
    let dependency =
        format!("[dependencies]\noutside = {{ path = {:?} }}", outside.path().canonicalize().expect("path"));
    let sources =
        Sources::new(&[("Cargo.toml", &cargo_toml("leaning", &dependency)), ("src/main.rs", &answering(FIND))]);
    let mut events = Vec::new();
    let error = check_repro(&sources.find().expect("found"), &options(), host(), &mut |event| events.push(event));
    assert_eq!(error.expect_err("refused").code(), "MPP-B031");
    assert_eq!(events, []);
}
