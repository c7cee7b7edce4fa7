//! Backtraces of crashes name source lines although the packed module contains none.

use mpp_host::host::Grant;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::policy::{ClearanceRequest, Policy, Unattended};
use mpp_host::trust::TrustStore;

use crate::support::{Sources, cargo_toml, host, sdk_dependency};

const MAIN: &str = "/// The tenth of a list.
#[mpp::tool]
fn tenth(
    /// At least ten.
    of: Vec<u64>,
) -> u64 {
    pick(&of)
}

fn pick(of: &[u64]) -> u64 {
    of[9]
}

fn main() {
    mpp::serve()
}
";

#[test]
fn a_backtrace_names_source_lines() {
    let manifest = cargo_toml("crashing", &format!("[dependencies]\n{}\n[workspace]", sdk_dependency()));
    let sources = Sources::new(&[("Cargo.toml", &manifest), ("src/main.rs", MAIN)]);
    let (built, _) = sources.build().expect("built");
    let (module, linked) = (built.module().to_vec(), std::fs::read(built.symbols.expect("symbols")).expect("read"));
    let key = SigningKey::generate(KeyRole::Development).expect("a key");
    let signed = mpp_host::signature::sign(built.unsigned, &key, &built.toolchain).expect("signed");
    let verified = host().verify(signed.as_slice().to_vec()).outcome.expect("verified");
    let mut trust = TrustStore::new();
    trust.add_own(*verified.publisher_key());
    let admission = trust.admit(&verified).expect("admitted");
    let cleared = host().clear(&ClearanceRequest::new(&verified, &Policy::default(), &trust, &Unattended));
    let loaded = host().load(verified).expect("loaded").with_symbols(&module, linked);
    let output = loaded
        .grant(Grant::new(admission, cleared.expect("cleared").clearance))
        .expect("granted")
        .call("tenth", r#"{"of": [1]}"#);
    let error = output.outcome().expect_err("an index out of bounds");
    let frames = error.data["backtrace"].to_string();
    // The compiler may inline `pick`; the backtrace has its line in either case.
    assert!(frames.contains(" at src/main.rs:11"), "{frames}");
    assert!(frames.contains(" at src/main.rs:7"), "{frames}");
    // The prefix `/build` that replaces the project's path must not be visible. (The C library has paths below a
    // different `/build`.)
    assert!(!frames.contains(" at /build/"), "{frames}");
    assert!(
        frames.starts_with("[\"#0 pick at ") || frames.starts_with("[\"#0 tenth at "),
        "the function that panicked comes first: {frames}"
    );
}
