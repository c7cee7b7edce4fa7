//! Tests of the package as others run it: built, signed, verified, in the sandbox, behind the privacy filter.
//!
//! `MPP_TEST_MODE=native cargo test` runs the same tests in this process, for debuggers and coverage.

use mpp_testkit::Tool;
use serde_json::json;

/// The handler is what a native run calls.
fn tool() -> Tool {
    mpp_testkit::tool!().handler(super::handle).load()
}

#[test]
fn converts() {
    let tool = tool();
    tool.call("to_fahrenheit", json!({"celsius": 100})).assert_json(json!({"fahrenheit": 212.0}));
}

#[test]
fn refuses_what_the_manifest_does_not_allow() {
    let tool = tool();
    tool.call("to_fahrenheit", json!({"celsius": -300})).assert_error("invalid_arguments");
    tool.call("to_fahrenheit", json!({"celsius": "warm"})).assert_error("invalid_arguments");
}

#[test]
fn has_no_other_tool() {
    let tool = tool();
    tool.call("to_kelvin", json!({"celsius": 1})).assert_error("unknown_tool");
}
