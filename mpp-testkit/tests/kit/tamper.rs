//! Broken packages: one for each code, refused with that code, and written as files.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::codes;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::PublicKey;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_testkit::tamper;
use serde_json::Value;

/// Asserts that every broken package is refused with its code, and returns the codes.
fn refusals(kit: &tamper::Kit) -> BTreeSet<&'static str> {
    assert!(host(None).verify(UnverifiedPackage::new(kit.valid())).outcome.is_ok());
    let mut refused = BTreeSet::new();
    for broken in kit.every() {
        let host = host(broken.registry_key);
        let refusal = host.verify(UnverifiedPackage::new(broken.bytes)).outcome.expect_err(&broken.name);
        assert_eq!(refusal.code, broken.code, "{}: {refusal}", broken.name);
        refused.insert(broken.code);
    }
    refused
}

fn host(registry: Option<PublicKey>) -> Gatekeeper {
    Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new())).with_registry_keys(registry)
}

fn known() -> BTreeSet<&'static str> {
    codes::all().map(|code| code.id).filter(|id| id.starts_with("MPP-G")).collect()
}

#[test]
fn a_real_package_has_a_broken_form_for_every_code() {
    let package = mpp_testkit::tool!("../examples/contacts").package();
    assert_eq!(package.manifest.name, "contacts");
    assert!(package.key.id().to_string().starts_with("pub_"));
    assert_eq!(refusals(&package.tamper()), known());
    for code in known() {
        assert_eq!(package.tamper().with_code(code).map(|broken| broken.code), Some(code));
    }
    assert!(package.tamper().with_code("MPP-B001").is_none());
}

#[test]
fn the_packages_are_written_with_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let count = tamper::write_to(dir.path()).unwrap();
    let index: Vec<Value> = serde_json::from_str(&fs::read_to_string(dir.path().join(tamper::INDEX)).unwrap()).unwrap();
    assert_eq!(index.len(), count + 1);
    let codes: BTreeSet<&str> = index.iter().filter_map(|entry| entry["code"].as_str()).collect();
    assert_eq!(codes, known());
    for entry in &index {
        let bytes = fs::read(dir.path().join(entry["file"].as_str().unwrap())).unwrap();
        let registry = entry["registry_key"].as_str();
        if registry.is_some() || bytes.len() > 1 << 20 {
            continue;
        }
        let found = host(None).verify(UnverifiedPackage::new(bytes)).outcome.err().map(|refusal| refusal.code.id);
        assert_eq!(found, entry["code"].as_str(), "{entry}");
    }
}
