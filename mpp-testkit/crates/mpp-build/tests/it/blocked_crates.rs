//! Crates that cannot work in a tool are refused before anything is compiled.

use mpp_build::{BuildError, Event};
use mpp_host::codes::Coded as _;

use crate::support::{FIND, Sources, answering, build, cargo_toml, options};

/// Creates a tool with these tables, and the crates `client`, `ureq`, `helper` and `tokio` beside it.
fn tool(name: &str, tables: &str, client: &str) -> Sources {
    let tokio = "[features]\nnet = []\nrt = []";
    Sources::new(&[
        ("Cargo.toml", &cargo_toml(name, &format!("{tables}\n[workspace]"))),
        ("src/main.rs", &answering(FIND)),
        ("client/Cargo.toml", &cargo_toml("client", client)),
        ("client/src/lib.rs", "compile_error!(\"the client was compiled\");"),
        ("ureq/Cargo.toml", &cargo_toml("ureq", "")),
        ("ureq/src/lib.rs", "compile_error!(\"the HTTP client was compiled\");"),
        ("tokio/Cargo.toml", &cargo_toml("tokio", tokio)),
        ("tokio/src/lib.rs", ""),
    ])
}

const UREQ: &str = "ureq = { path = \"../ureq\" }";

#[test]
fn refuses_a_crate_that_opens_sockets_with_its_dependency_chain() {
    let sources = tool("caller", "[dependencies]\nclient = { path = \"client\" }", &format!("[dependencies]\n{UREQ}"));
    let mut compiled = Vec::new();
    let project = sources.find().expect("found");
    let error = mpp_build::build(&project, &options(), crate::support::host(), &mut |event| {
        if let Event::CargoLine(line) = event {
            compiled.push(line);
        }
    })
    .expect_err("refused");
    assert_eq!(error.code(), "MPP-B014");
    assert_eq!(
        error.to_string(),
        "`caller` depends on `ureq`, which opens sockets, but the sandbox has no sockets (caller → client → ureq)"
    );
    let help = error.help();
    assert!(help.starts_with("send requests with `mpp::http` (`mpp::http::get(url).send()?`)"), "{help}");
    assert!(help.contains("`client` brings `ureq`: turn off the feature of `client` that needs it"), "{help}");
    assert!(!compiled.iter().any(|line| line.contains("Compiling")), "{compiled:?}");
}

#[test]
fn accepts_crates_that_are_not_linked_into_the_module() {
    let tables = "[target.'cfg(not(target_family = \"wasm\"))'.dependencies]\nclient = { path = \"client\" }\n\
                  [dev-dependencies]\nureq = { path = \"ureq\" }\n\
                  [features]\nnative = []";
    let sources = tool("careful", tables, &format!("[dependencies]\n{UREQ}"));
    sources.build().expect("built");
    let optional = "[dependencies]\nureq = { path = \"ureq\", optional = true }\n[package.metadata.mpp]\n";
    let sources = tool("choosy", optional, "");
    sources.build().expect("built without the feature");
    sources.write("Cargo.toml", cargo_toml("choosy", &format!("{optional}features = [\"ureq\"]\n[workspace]")));
    assert_eq!(sources.build().expect_err("with the feature").code(), "MPP-B014");
    let scripted = tool(
        "scripted",
        "build = \"build.rs\"\n[build-dependencies]\ntokio = { path = \"tokio\", features = [\"net\"] }\n[dependencies]\ntokio = { path = \"tokio\", features = [\"rt\"] }",
        "",
    );
    scripted.write("build.rs", "fn main() {}");
    scripted.build().expect("features of build dependencies do not count");
}

#[test]
fn refuses_tokio_with_features_that_do_not_compile() {
    let sources = tool("runtime", "[dependencies]\ntokio = { path = \"tokio\", features = [\"rt\", \"net\"] }", "");
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B018");
    assert_eq!(
        error.to_string(),
        "`runtime` depends on `tokio`, whose features `net` need what the sandbox does not have (runtime → tokio)"
    );
    assert!(error.help().contains("`sync`, `macros`, `io-util`, `rt` and `time`"), "{}", error.help());
}

#[test]
fn notices_a_dependency_that_a_crate_outside_the_workspace_gains() {
    let sources = tool("patient", "[dependencies]\nclient = { path = \"client\" }", "");
    sources.write(
        "Cargo.toml",
        cargo_toml(
            "patient",
            "[dependencies]\nclient = { path = \"client\" }\n[workspace]\nexclude = [\"client\", \"ureq\"]",
        ),
    );
    sources.write("client/src/lib.rs", "");
    sources.write("ureq/src/lib.rs", "");
    sources.build().expect("built");
    sources.write("client/Cargo.toml", cargo_toml("client", &format!("[dependencies]\n{UREQ}")));
    assert_eq!(sources.build().expect_err("the lock file changed").code(), "MPP-B014");
}

#[test]
fn a_locked_build_without_network_is_checked_too() {
    let sources = tool("locked", "[dependencies]\ntokio = { path = \"tokio\" }", "");
    sources.build().expect("built, with a lock file");
    let mut options = options();
    options.locked = true;
    build(&sources.find().expect("found"), &options).expect("nothing changed");
    sources.write("Cargo.toml", cargo_toml("locked", "[dependencies]\nureq = { path = \"ureq\" }\n[workspace]"));
    let error = build(&sources.find().expect("found"), &options).expect_err("the lock file is out of date");
    assert!(matches!(error, BuildError::Cargo { .. }), "{error}");
    assert_eq!(error.code(), "MPP-B065");
}
