//! Compiled code that several hosts share, as several processes do.

use std::error::Error as _;
use std::sync::Arc;

use mpp_host::Host;
use mpp_host::causes::with_causes;
use mpp_host::codes::Coded as _;
use mpp_host::gatekeeper::KnownModules;
use mpp_host::package::UnverifiedPackage;
use mpp_host::sandbox::{Compile, CompileError, compile::compile_to_bytes};
use serde_json::json;

use crate::fixture::{Run, answers, content, sample};

fn host(dir: &std::path::Path) -> Host {
    Host::builder().instances(4).cache_dir(dir.join("cache")).build().unwrap()
}

#[test]
fn the_second_host_finds_the_code_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let package = sample(answers("7"));
    let (first, _) = package.load(&host(dir.path()));
    assert!(!first.was_cached());
    let other = host(dir.path());
    let (second, decided) = package.load(&other);
    assert!(second.was_cached());
    let tool = second.grant(decided.grant()).unwrap();
    assert_eq!(content(&tool.call("run", "{}")), json!(7));
}

#[test]
fn code_that_was_tampered_with_never_runs() {
    let dir = tempfile::tempdir().unwrap();
    let package = sample(answers("7"));
    drop(package.load(&host(dir.path())));
    for entry in std::fs::read_dir(dir.path().join("cache")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "code") {
            let mut code = std::fs::read(&path).unwrap();
            let middle = code.len() / 2;
            code[middle] ^= 0xff;
            std::fs::write(&path, code).unwrap();
        }
    }
    let again = host(dir.path());
    assert!(!package.load(&again).0.was_cached());
    assert_eq!(content(&package.runnable(&again).call("run", "{}")), json!(7));
}

/// A compiler of an embedder that reports a timeout.
struct Never;

impl Compile for Never {
    fn compile(&self, _: &[u8]) -> Result<Vec<u8>, CompileError> {
        Err(CompileError::TimeLimit { limit: std::time::Duration::from_secs(9) })
    }
}

/// A compiler of an embedder that compiles as a child process would.
struct Elsewhere;

impl Compile for Elsewhere {
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError> {
        compile_to_bytes(module)
    }
}

#[test]
fn an_embedder_can_replace_the_compiler() {
    let package = sample(answers("7"));
    let host = Host::builder().compiler(Arc::new(Elsewhere)).build().unwrap();
    assert_eq!(content(&package.runnable(&host).call("run", "{}")), json!(7));
    let host = Host::builder().compiler(Arc::new(Never)).build().unwrap();
    let verified = package.verified(&host);
    let error = host.load(verified).err().unwrap();
    assert_eq!((error.code().id, error.to_string().contains("9 s")), ("MPP-R202", true), "{error}");
}

#[test]
fn an_invalid_module_does_not_compile_even_if_it_is_known_as_valid() {
    #[derive(Debug)]
    struct KnowsAll;
    impl KnownModules for KnowsAll {
        fn is_known(&self, _: &str) -> bool {
            true
        }
        fn remember(&self, _: &str) {}
    }
    let invalid = r#"(module (memory (export "memory") 1) (func (export "_start") i32.add drop))"#;
    let host = Host::builder().build().unwrap();
    let gatekeeper = Host::builder().gatekeeper().with_known_modules(Arc::new(KnowsAll));
    let package = sample(wat::parse_str(invalid).unwrap());
    let verified = gatekeeper.verify(UnverifiedPackage::new(package.sign())).outcome.unwrap();
    let error = host.load(verified).err().unwrap();
    assert_eq!((error.code().id, error.to_string().as_str()), ("MPP-R201", "the module does not compile"));
    let cause = error.source().and_then(|cause| cause.downcast_ref::<CompileError>());
    assert!(matches!(cause, Some(CompileError::Refused(_))), "{error:?}");
    assert!(with_causes(&error).contains("type mismatch"), "{}", with_causes(&error));
}

#[test]
fn the_cache_remembers_which_modules_are_valid() {
    let dir = tempfile::tempdir().unwrap();
    let notes = || {
        let entries = std::fs::read_dir(dir.path().join("cache")).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".valid")).count()
    };
    let package = sample(answers("7"));
    assert_eq!(notes(), 0);
    drop(package.load(&host(dir.path())));
    assert_eq!(notes(), 1);
    assert_eq!(content(&package.runnable(&host(dir.path())).call("run", "{}")), json!(7));
    assert_eq!(notes(), 1);
}
