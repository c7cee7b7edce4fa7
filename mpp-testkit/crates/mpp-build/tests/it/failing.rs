//! Failing builds and their error messages.

use mpp_build::{BuildError, CancelHandle, Event};
use mpp_host::codes::Coded as _;

use crate::support::{FIND, Sources, answering, build, cargo_toml, host, options};

#[test]
fn forwards_compiler_messages_unchanged() {
    let sources =
        Sources::new(&[("Cargo.toml", &cargo_toml("broken", "")), ("src/main.rs", "fn main() { let x: u8 = \"\"; }")]);
    let mut events = Vec::new();
    let project = sources.find().expect("found");
    let error = mpp_build::build(&project, &options(), host(), &mut |event| events.push(event)).expect_err("refused");
    assert_eq!(error.code(), "MPP-B012");
    let said = events
        .iter()
        .any(|event| matches!(event, Event::CargoLine(line) if line.contains("error[E0308]: mismatched types")));
    assert!(said, "{events:?}");
}

#[test]
fn explains_a_missing_dependency_on_mpp() {
    let sources =
        Sources::new(&[("Cargo.toml", &cargo_toml("unnamed", "")), ("src/main.rs", "fn main() { mpp::serve() }")]);
    let message = sources.build().expect_err("refused").to_string();
    assert!(message.contains("mpp = { package = \"mpp-sdk\", version = \"0.1\" }"), "{message}");
}

#[test]
fn refuses_the_unrelated_crate_mpp() {
    let sources = Sources::new(&[
        ("Cargo.toml", &cargo_toml("mistaken", "[dependencies]\nmpp = { path = \"mpp\" }\n[workspace]")),
        ("src/main.rs", "fn main() {}"),
        ("mpp/Cargo.toml", &cargo_toml("mpp", "")),
        ("mpp/src/lib.rs", ""),
    ]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B013");
    assert!(error.help().contains("package = \"mpp-sdk\""), "{}", error.help());
}

#[test]
fn explains_how_to_link_tools_of_a_library() {
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("toolless", "")), ("src/main.rs", &answering(""))]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B021", "{error}");
    assert!(error.help().contains("use LIBRARY as _;"), "{}", error.help());
}

#[test]
fn quotes_the_output_of_a_program_that_is_not_a_tool() {
    let program = "fn main() { println!(\"starting up\"); }";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("chatty", "")), ("src/main.rs", program)]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B020");
    assert!(mpp_host::causes::with_causes(&error).contains("starting up"), "{error}");
}

#[test]
fn names_the_invalid_key_of_a_manifest() {
    let more = "[package.metadata.mpp]\npackage_id = \"Not An Id\"";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("misnamed", more)), ("src/main.rs", &answering(FIND))]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B023");
    assert!(mpp_host::causes::with_causes(&error).contains("package_id"), "{error}");
}

#[test]
fn a_cancelled_build_leaves_no_package_behind() {
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("cancelled", "")), ("src/main.rs", &answering(FIND))]);
    let project = sources.find().expect("found");
    let target = tempfile::tempdir().expect("temp dir");
    let mut options = options();
    options.target_dir = Some(target.path().to_owned());
    let cancel = options.cancel.clone();
    let error = mpp_build::build(&project, &options, host(), &mut |event| {
        if matches!(event, Event::Compiling { .. }) {
            cancel.cancel();
        }
    })
    .expect_err("cancelled");
    assert!(matches!(error, BuildError::Interrupted), "{error}");
    let left = std::fs::read_dir(target.path().join("mpp"))
        .map(|dir| dir.flatten().map(|e| e.file_name()).collect::<Vec<_>>());
    let left = left.unwrap_or_default();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("cancelled")), "{left:?}");
    options.cancel = CancelHandle::new();
    build(&project, &options).expect("the next build goes on");
}
