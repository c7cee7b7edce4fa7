//! Modules whose function bodies have already been validated.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mpp_host::gatekeeper::{KnownModules, Verification};
use mpp_host::package::{PackageBytes, UnverifiedPackage};

use crate::sample::{COMMAND, gatekeeper, sample};

/// A module that adds without operands, which is not valid.
const INVALID: &str = r#"(module (memory (export "memory") 1) (func (export "_start") i32.add drop))"#;

/// Remembers names, or claims to know every module.
#[derive(Debug, Default)]
struct Names {
    names: Mutex<BTreeSet<String>>,
    knows_all: bool,
}

impl KnownModules for Names {
    fn is_known(&self, name: &str) -> bool {
        self.knows_all || self.names.lock().unwrap().contains(name)
    }

    fn remember(&self, name: &str) {
        assert!(self.names.lock().unwrap().insert(name.to_owned()), "{name} was known already");
    }
}

fn package(module: &str) -> PackageBytes {
    sample().wat(module).sign()
}

fn verify(known: &Arc<Names>, module: &str) -> Verification {
    let gatekeeper = gatekeeper().with_known_modules(Arc::clone(known) as Arc<dyn KnownModules>);
    gatekeeper.verify(UnverifiedPackage::new(package(module)))
}

fn code(verification: &Verification) -> Option<&'static str> {
    verification.outcome.as_ref().err().map(|refusal| refusal.code.id)
}

#[test]
fn a_valid_module_is_remembered_by_its_digest_and_the_rules() {
    let known = Arc::new(Names::default());
    for _ in 0..2 {
        assert_eq!(code(&verify(&known, COMMAND)), None);
    }
    let names = known.names.lock().unwrap();
    let name = names.first().unwrap();
    let package = gatekeeper().verify(UnverifiedPackage::new(package(COMMAND))).outcome.unwrap();
    assert!(name.starts_with(&format!("{}-wasip1-wasmparser-", package.module_digest())), "{name}");
    assert_eq!(names.len(), 1);
}

#[test]
fn an_invalid_module_is_refused_and_not_remembered() {
    let known = Arc::new(Names::default());
    for _ in 0..2 {
        assert_eq!(code(&verify(&known, INVALID)), Some("MPP-G705"));
    }
    assert_eq!(*known.names.lock().unwrap(), BTreeSet::new());
}

#[test]
fn a_known_module_still_passes_all_other_checks() {
    let known = Arc::new(Names { knows_all: true, ..Names::default() });
    assert_eq!(code(&verify(&known, INVALID)), None, "the one thing that is not looked at again");
    for (module, expected) in [
        (r#"(module (memory (export "memory") 1))"#, "MPP-G710"),
        (r#"(module (func (export "_start")))"#, "MPP-G710"),
        (r#"(module (import "env" "f" (func)) (memory (export "memory") 1) (func (export "_start")))"#, "MPP-G707"),
        (r#"(module (memory (export "memory") 60000) (func (export "_start")))"#, "MPP-G706"),
        (r#"(module (memory (export "memory") 1) (func (export "_start") (param i32)))"#, "MPP-G710"),
    ] {
        assert_eq!(code(&verify(&known, module)), Some(expected), "{module}");
    }
}
