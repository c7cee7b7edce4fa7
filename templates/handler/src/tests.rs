//! Tests of the finished package: built, signed, verified, and run in the sandbox behind the privacy filter.
//!
//! `MPP_TEST_MODE=native cargo test` runs the same tests in this process, for debuggers and coverage.

use mpp_testkit::Tool;
use serde_json::json;

/// Loads the package; in native mode, calls go to `handle`.
fn tool() -> Tool {
    mpp_testkit::tool!().handler(super::handle).load()
}

#[test]
fn converts_to_fahrenheit() {
    let tool = tool();
    tool.call("to_fahrenheit", json!({"celsius": 100})).assert_json(json!({"fahrenheit": 212.0}));
}

#[test]
fn rejects_invalid_arguments() {
    let tool = tool();
    tool.call("to_fahrenheit", json!({"celsius": -300})).assert_error("invalid_arguments");
    tool.call("to_fahrenheit", json!({"celsius": "warm"})).assert_error("invalid_arguments");
}

#[test]
fn rejects_unknown_tools() {
    let tool = tool();
    tool.call("to_kelvin", json!({"celsius": 1})).assert_error("unknown_tool");
}
