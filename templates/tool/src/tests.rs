//! Tests of the finished package: built, signed, verified, and run in the sandbox behind the privacy filter.
//!
//! `MPP_TEST_MODE=native cargo test` runs the same tests in this process, for debuggers and coverage.

use serde_json::json;

#[test]
fn greets_once_by_default() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "Ada"})).assert_json(json!({"text": "Hello, Ada!", "times": 1}));
}

#[test]
fn rejects_invalid_arguments() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "Ada", "times": 9})).assert_error("invalid_arguments");
    tool.call("greet", json!({"nmae": "Ada"})).assert_error("invalid_arguments");
    tool.call("greet", json!({"name": " "})).assert_error("no_name");
}

#[test]
fn redacts_personal_data() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "ada@example.com"})).assert_redacted("/text", "email");
}
