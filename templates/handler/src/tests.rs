//! Tests of the package as others run it: built, signed, verified, in the sandbox, behind the privacy filter.

use serde_json::json;

#[test]
fn converts() {
    let tool = mpp_testkit::tool!().load();
    tool.call("to_fahrenheit", json!({"celsius": 100})).assert_result(json!({"fahrenheit": 212.0}));
}

#[test]
fn refuses_what_the_manifest_does_not_allow() {
    let tool = mpp_testkit::tool!().load();
    tool.call("to_fahrenheit", json!({"celsius": -300})).assert_error("invalid_arguments");
    tool.call("to_fahrenheit", json!({"celsius": "warm"})).assert_error("invalid_arguments");
}

#[test]
fn has_no_other_tool() {
    let tool = mpp_testkit::tool!().load();
    tool.call("to_kelvin", json!({"celsius": 1})).assert_error("unknown_tool");
}
