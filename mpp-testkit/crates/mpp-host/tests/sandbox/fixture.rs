//! Tools in the WebAssembly text format, and the steps from a tool to a call.

use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{FilteredOutput, Grant, LoadedPackage, RunnablePackage};
use mpp_host::policy::{Clearance, ClearanceRequest, Policy, Unattended};
pub(crate) use mpp_host::testing::SamplePackage;
use mpp_host::trust::{Admission, TrustStore};
use mpp_sdk::wire::{ErrorKind, RpcError};
use serde_json::Value;

/// The beginning of every tool: imports, and functions that write. They use the memory below 4096.
const PRELUDE: &str = r#"
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (data (i32.const 100) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"structuredContent\":")
  (data (i32.const 200) "}}\n")
  (data (i32.const 210) "\"")
  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $out (param i32 i32) (call $write (i32.const 1) (local.get 0) (local.get 1)))
  (func $err (param i32 i32) (call $write (i32.const 2) (local.get 0) (local.get 1)))
  ;; Answers with JSON text.
  (func $answer (param i32 i32)
    (call $out (i32.const 100) (i32.const 67))
    (call $out (local.get 0) (local.get 1))
    (call $out (i32.const 200) (i32.const 3)))
  ;; Answers with a string, whose bytes need no escaping.
  (func $answer_text (param i32 i32)
    (call $out (i32.const 100) (i32.const 67))
    (call $out (i32.const 210) (i32.const 1))
    (call $out (local.get 0) (local.get 1))
    (call $out (i32.const 210) (i32.const 1))
    (call $out (i32.const 200) (i32.const 3)))
  ;; Answers with a number below 1000.
  (func $answer_number (param i32)
    (i32.store8 (i32.const 220) (i32.add (i32.const 48) (i32.div_u (local.get 0) (i32.const 100))))
    (i32.store8 (i32.const 221)
      (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get 0) (i32.const 10)) (i32.const 10))))
    (i32.store8 (i32.const 222) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10))))
    (call $answer_text (i32.const 220) (i32.const 3)))
  ;; Reads a descriptor to `at`; how much.
  (func $read (param $fd i32) (param $at i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.const 60000))
    (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))
"#;

/// A module whose `_start` is `body`. `more` contains functions and data (from 4096 on).
pub(crate) fn module(more: &str, body: &str) -> Vec<u8> {
    module_with("", more, body)
}

/// The same with additional imports, which come first.
pub(crate) fn module_with(imports: &str, more: &str, body: &str) -> Vec<u8> {
    let text = format!("(module {imports} {PRELUDE} {more} (func $main (export \"_start\") {body}))");
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A module that writes `output` to stdout and ends.
pub(crate) fn writes(output: &[u8]) -> Vec<u8> {
    let data: String = output.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let call = format!("(call $out (i32.const 4096) (i32.const {}))", output.len());
    module(&format!("(data (i32.const 4096) \"{data}\")"), &call)
}

/// A module that answers with this `structuredContent`.
pub(crate) fn answers(json: &str) -> Vec<u8> {
    writes(result(json).as_bytes())
}

pub(crate) fn result(json: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"content\":[],\"structuredContent\":{json}}}}}\n")
}

/// A module that answers with the request that it received.
pub(crate) fn echoes() -> Vec<u8> {
    let length = "(i32.sub (call $read (i32.const 0) (i32.const 4096)) (i32.const 1))";
    module("", &format!("(call $answer (i32.const 4096) {length})"))
}

/// A package that contains a module, with a timeout that is long enough for a slow machine.
pub(crate) fn sample(module: Vec<u8>) -> SamplePackage {
    SamplePackage::new().module(module).set("/runtime/timeout_ms", 20_000)
}

/// The steps from a package to a call.
pub(crate) trait Run {
    /// Verifies the package.
    fn verified(&self, host: &Host) -> VerifiedPackage;
    /// Loads the package, with the decisions of the owner of its key.
    fn load(&self, host: &Host) -> (LoadedPackage, Decided);

    /// Loads the package with a grant.
    fn granted(&self, host: &Host, grant: impl FnOnce(Grant) -> Grant) -> RunnablePackage {
        let (loaded, decided) = self.load(host);
        loaded.grant(grant(decided.grant())).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Loads the package with an empty grant.
    fn runnable(&self, host: &Host) -> RunnablePackage {
        self.granted(host, |grant| grant)
    }

    /// Calls its tool `run` without arguments.
    fn call(&self) -> FilteredOutput {
        self.runnable(&host()).call("run", "{}")
    }
}

impl Run for SamplePackage {
    fn verified(&self, host: &Host) -> VerifiedPackage {
        host.verify(self.sign()).outcome.unwrap_or_else(|refusal| panic!("{}: {}", refusal.code, refusal.message))
    }

    fn load(&self, host: &Host) -> (LoadedPackage, Decided) {
        let package = self.verified(host);
        let decided = decide(host, &package);
        (host.load(package).unwrap_or_else(|error| panic!("{error}")), decided)
    }
}

pub(crate) fn host() -> Host {
    Host::builder().instances(4).build().unwrap()
}

/// The decisions that the owner of a package makes about it.
#[derive(Clone)]
pub(crate) struct Decided {
    pub(crate) admission: Admission,
    pub(crate) clearance: Clearance,
}

impl Decided {
    pub(crate) fn grant(&self) -> Grant {
        Grant::new(self.admission.clone(), self.clearance.clone())
    }
}

/// Decides as the owner of the package's key would.
pub(crate) fn decide(host: &Host, package: &VerifiedPackage) -> Decided {
    let mut store = TrustStore::new();
    store.add_own(*package.publisher_key());
    let admission = store.admit(package).unwrap();
    let policy = Policy::default();
    let cleared = host.clear(&ClearanceRequest::new(package, &policy, &store, &Unattended)).unwrap();
    Decided { admission, clearance: cleared.clearance }
}

/// Returns the `structuredContent` of a call that succeeded.
pub(crate) fn content(output: &FilteredOutput) -> Value {
    let result = output.outcome().unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(result.structured.as_ref().unwrap().get()).unwrap()
}

/// Returns the kind and the error of a call that failed.
pub(crate) fn failure(output: &FilteredOutput) -> (ErrorKind, &RpcError) {
    let error = output.outcome().map(|result| panic!("succeeded: {result:?}")).unwrap_err();
    (error.kind().unwrap(), error)
}

/// Asserts that a call failed with this kind, its code, and a message that contains these words.
pub(crate) fn assert_fails(output: &FilteredOutput, kind: ErrorKind, words: &[&str]) {
    let (found, error) = failure(output);
    assert_eq!((found, error.code), (kind, kind.code()), "{error:?}");
    for word in words {
        assert!(error.message.contains(word), "`{word}` is not in: {}", error.message);
    }
}
