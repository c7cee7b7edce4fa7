//! Builds that fail, and whether the sentence helps.

use mpp_build::{BuildError, Cancel, Event};
use mpp_host::codes::Coded as _;

use crate::support::{FIND, Sources, answering, build, cargo_toml, host, options};

#[test]
fn compiler_messages_are_passed_as_they_are() {
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
fn nothing_called_mpp_is_explained() {
    let sources =
        Sources::new(&[("Cargo.toml", &cargo_toml("unnamed", "")), ("src/main.rs", "fn main() { mpp::serve() }")]);
    let message = sources.build().expect_err("refused").to_string();
    assert!(message.contains("mpp = { package = \"mpp-sdk\", version = \"0.1\" }"), "{message}");
}

#[test]
fn the_other_protocols_crate_is_recognised() {
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
fn a_crate_that_opens_sockets_is_named_with_the_way_to_it() {
    let sources = Sources::new(&[
        ("Cargo.toml", &cargo_toml("caller", "[dependencies]\nclient = { path = \"client\" }\n[workspace]")),
        ("src/main.rs", &answering(FIND)),
        ("client/Cargo.toml", &cargo_toml("client", "[dependencies]\nureq = { path = \"../ureq\" }")),
        ("client/src/lib.rs", ""),
        ("ureq/Cargo.toml", &cargo_toml("ureq", "")),
        ("ureq/src/lib.rs", ""),
    ]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B014");
    assert_eq!(
        error.to_string(),
        "`caller` pulls in `ureq`, which opens sockets, and the sandbox has none (caller → client → ureq)"
    );
}

#[test]
fn a_program_without_tools_is_told_how_to_link_them() {
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("toolless", "")), ("src/main.rs", &answering(""))]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B021", "{error}");
    assert!(error.help().contains("use LIBRARY as _;"), "{}", error.help());
}

#[test]
fn a_program_that_prints_something_else_is_quoted() {
    let program = "fn main() { println!(\"starting up\"); }";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("chatty", "")), ("src/main.rs", program)]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B020");
    assert!(error.to_string().contains("starting up"), "{error}");
}

#[test]
fn an_invalid_manifest_says_where() {
    let more = "[package.metadata.mpp]\npackage_id = \"Not An Id\"";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("misnamed", more)), ("src/main.rs", &answering(FIND))]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B023");
    assert!(error.to_string().contains("package_id"), "{error}");
}

#[test]
fn a_cancelled_build_leaves_no_package_behind() {
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml("cancelled", "")), ("src/main.rs", &answering(FIND))]);
    let project = sources.find().expect("found");
    let target = tempfile::tempdir().expect("temp dir");
    let options =
        mpp_build::BuildOptions { target_dir: Some(target.path().to_owned()), cancel: Cancel::new(), ..options() };
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
    let again = mpp_build::BuildOptions { cancel: Cancel::new(), ..options };
    build(&project, &again).expect("the next build goes on");
}
