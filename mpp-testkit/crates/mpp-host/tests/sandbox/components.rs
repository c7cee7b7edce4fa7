//! WASI 0.2 command components, to which the same limits apply.

use std::sync::Arc;

use mpp_host::sandbox::RandomSource;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, SamplePackage, assert_fails, content, host, result, sample};

/// A component with the function `run`. `body` leaves 0 on the stack for success.
pub(crate) fn component(body: &str) -> SamplePackage {
    let text = format!(
        "(component
           (core module $m (memory (export \"memory\") 1) (func (export \"run\") (result i32) {body}))
           (core instance $i (instantiate $m))
           (func $run (result (result)) (canon lift (core func $i \"run\")))
           (instance $exports (export \"run\" (func $run)))
           (export \"wasi:cli/run@0.2.0\" (instance $exports)))"
    );
    let package = sample(wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}")));
    package.set("/runtime/type", json!("wasm32-wasip2"))
}

#[test]
fn the_limits_apply_to_components() {
    assert_fails(&component("(i32.const 0)").call(), ErrorKind::ToolCrashed, &["without a response"]);
    assert_fails(&component("(i32.const 1)").call(), ErrorKind::ToolCrashed, &["code 1"]);
    assert_fails(&component("unreachable").call(), ErrorKind::ToolCrashed, &["unreachable"]);
    let endless = component("(loop (br 0)) (i32.const 0)").set("/runtime/timeout_ms", json!(60));
    assert_fails(&endless.call(), ErrorKind::Timeout, &["60 ms"]);
    let grows = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let grows = component(grows).set("/runtime/memory_limit_mb", json!(2));
    assert_fails(&grows.call(), ErrorKind::MemoryLimit, &["2 MiB"]);
}

/// A component that writes `output` to stdout.
fn writes(output: &str) -> SamplePackage {
    let data: String = output.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $e))
    (export "output-stream" (type $stream (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream (type $s))
    (export "output-stream" (type $output-stream (eq $s)))
    (export "get-stdout" (func (result (own $output-stream))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $memory "memory"))))
  (core module $main
    (import "host" "get" (func $get (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "memory" "memory" (memory 1))
    (data (i32.const 1000) "{data}")
    (func (export "run") (result i32)
      (call $write (call $get) (i32.const 1000) (i32.const {length}) (i32.const 16))
      (i32.load8_u (i32.const 16))))
  (core instance $main (instantiate $main
    (with "host" (instance (export "get" (func $get)) (export "write" (func $write))))
    (with "memory" (instance $memory))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exports (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exports)))"#,
        length = output.len()
    );
    let package = sample(wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}")));
    package.set("/runtime/type", json!("wasm32-wasip2"))
}

#[test]
fn a_component_answers_on_stdout() {
    assert_eq!(content(&writes(&result("{\"from\":\"a component\"}")).call()), json!({ "from": "a component" }));
    let too_much = writes(&result("1")).set("/runtime/max_output_bytes", json!(10));
    assert_fails(&too_much.call(), ErrorKind::OutputLimit, &["10 bytes"]);
}

#[test]
fn an_import_outside_the_command_world_is_refused() {
    let text = "(component (import \"vendor:thing/door\" (func)))";
    let host = crate::fixture::host();
    let module = wat::parse_str(text).unwrap();
    let error = host.describe(&module, mpp_host::package::manifest::RuntimeKind::Wasip2).unwrap_err();
    let message = mpp_host::causes::with_causes(&error);
    assert!(message.contains("vendor:thing/door"), "{message}");
}

/// Random bytes that are all 7.
#[derive(Debug)]
struct Sevens;

impl RandomSource for Sevens {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(7);
        Ok(())
    }
}

#[test]
fn the_random_bytes_of_a_component_are_those_of_the_grant() {
    let text = "(component
      (import \"wasi:random/random@0.2.0\" (instance $random (export \"get-random-u64\" (func (result u64)))))
      (core func $next (canon lower (func $random \"get-random-u64\")))
      (core instance $host (export \"next\" (func $next)))
      (core module $m (import \"host\" \"next\" (func $next (result i64)))
        (func (export \"run\") (result i32) (i64.ne (call $next) (i64.const 0x0707070707070707))))
      (core instance $i (instantiate $m (with \"host\" (instance $host))))
      (func $run (result (result)) (canon lift (core func $i \"run\")))
      (instance $exports (export \"run\" (func $run)))
      (export \"wasi:cli/run@0.2.0\" (instance $exports)))";
    let package = sample(wat::parse_str(text).unwrap_or_else(|error| panic!("{error}")));
    let package = package.set("/runtime/type", json!("wasm32-wasip2"));
    let host = host();
    let supplied = package.granted(&host, |grant| grant.guest_random_source(Arc::new(Sevens)));
    assert_fails(&supplied.call("run", "{}"), ErrorKind::ToolCrashed, &["without a response"]);
    assert_fails(&package.runnable(&host).call("run", "{}"), ErrorKind::ToolCrashed, &["code 1"]);
}
