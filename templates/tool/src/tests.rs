//! Tests of the package as others run it: built, signed, verified, in the sandbox, behind the privacy filter.
//!
//! `MPP_TEST_MODE=native cargo test` runs the same tests in this process, for debuggers and coverage.

use serde_json::json;

#[test]
fn greets_once_unless_told_otherwise() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "Ada"})).assert_json(json!({"text": "Hello, Ada!", "times": 1}));
}

#[test]
fn refuses_what_the_signature_does_not_allow() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "Ada", "times": 9})).assert_error("invalid_arguments");
    tool.call("greet", json!({"nmae": "Ada"})).assert_error("invalid_arguments");
    tool.call("greet", json!({"name": " "})).assert_error("no_name");
}

#[test]
fn personal_data_does_not_leave_the_sandbox() {
    let tool = mpp_testkit::tool!().load();
    tool.call("greet", json!({"name": "ada@example.com"})).assert_redacted("/text", "email");
}
