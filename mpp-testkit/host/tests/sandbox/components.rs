//! WASI 0.2 command components: the same limits.

use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Package, assert_fails};

/// A component whose `run` is `body`, which leaves 0 for success.
fn component(body: &str) -> Package {
    let text = format!(
        "(component
           (core module $m (memory (export \"memory\") 1) (func (export \"run\") (result i32) {body}))
           (core instance $i (instantiate $m))
           (func $run (result (result)) (canon lift (core func $i \"run\")))
           (instance $exports (export \"run\" (func $run)))
           (export \"wasi:cli/run@0.2.0\" (instance $exports)))"
    );
    let package = Package::new(wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}")));
    package.with("/runtime/type", json!("wasm32-wasip2"))
}

#[test]
fn a_component_is_run_under_the_same_limits() {
    assert_fails(&component("(i32.const 0)").call(), ErrorKind::ToolCrashed, &["without a response"]);
    assert_fails(&component("(i32.const 1)").call(), ErrorKind::ToolCrashed, &["code 1"]);
    assert_fails(&component("unreachable").call(), ErrorKind::ToolCrashed, &["unreachable"]);
    let endless = component("(loop (br 0)) (i32.const 0)").with("/runtime/timeout_ms", json!(60));
    assert_fails(&endless.call(), ErrorKind::Timeout, &["60 ms"]);
    let grows = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let grows = component(grows).with("/runtime/memory_limit_mb", json!(2));
    assert_fails(&grows.call(), ErrorKind::MemoryLimit, &["2 MiB"]);
}
