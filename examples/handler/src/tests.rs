//! Tests of the handler function, of the manifest that describes it, and of the finished package.

use mpp::{
    ToolRequest,
    serde_json::{self, Value, json},
};

use mpp_testkit::Tool;

use super::{handle, units::UNITS};

/// Loads the package; in native mode, calls go to `handle`.
fn package() -> Tool {
    mpp_testkit::tool!().handler(handle).load()
}

#[test]
fn package_converts_and_lists() {
    let tool = package();
    tool.call("convert", json!({ "value": 3, "from": "mi", "to": "km" }))
        .assert_json(json!({ "value": 4.828_032, "unit": "km", "quantity": "length" }));
    tool.call("units", json!({ "quantity": "mass" })).assert_at("/0/quantity", json!("mass"));
}

#[test]
fn package_rejects_arguments_that_the_manifest_or_the_handler_rejects() {
    let tool = package();
    tool.call("convert", json!({ "value": "3", "from": "mi", "to": "km" })).assert_error("invalid_arguments");
    tool.call("convert", json!({ "value": 3, "from": "mi" })).assert_error("invalid_arguments");
    tool.call("convert", json!({ "value": 1, "from": "km", "to": "kg" }))
        .assert_error("invalid_arguments")
        .assert_message(
            "the arguments do not fit `convert`: `/to`: expected a unit of length, as `km` is; `kg` is one of mass",
        );
    tool.call("convrt", json!({})).assert_error("unknown_tool");
}

fn converted(value: f64, from: &str, to: &str) -> f64 {
    let response = handle(ToolRequest::new("convert", json!({ "value": value, "from": from, "to": to })));
    assert_eq!(response.error_message(), None);
    response.structured().expect("a structured result")["value"].as_f64().expect("a number")
}

fn refusal(tool: &str, arguments: Value) -> String {
    handle(ToolRequest::new(tool, arguments)).error_message().expect("a refusal").to_owned()
}

#[test]
fn converts_exactly_if_the_definition_is_exact() {
    assert_eq!(converted(3.0, "mi", "km"), 4.828_032);
    assert_eq!(converted(1.0, "GiB", "b"), 8_589_934_592.0);
    assert!((converted(451.0, "F", "C") - 232.777_777_777_778).abs() < 1e-9);
    assert!((converted(-40.0, "C", "F") + 40.0).abs() < 1e-9);
}

#[test]
fn every_unit_converts_to_itself_and_back() {
    for from in UNITS {
        for to in UNITS.iter().filter(|to| to.quantity == from.quantity) {
            let there = converted(12.5, from.symbol, to.symbol);
            let back = converted(there, to.symbol, from.symbol);
            assert!((back - 12.5).abs() < 1e-9, "{} to {}: {back}", from.symbol, to.symbol);
        }
    }
}

#[test]
fn ignores_case_only_if_the_symbol_is_unambiguous() {
    assert_eq!(converted(1.0, "KM", "m"), 1000.0);
    assert_eq!(converted(8.0, "b", "B"), 1.0);
}

#[test]
fn errors_name_the_wrong_argument() {
    assert_eq!(
        refusal("convert", json!({ "value": 1, "from": "km", "to": "kg" })),
        "expected a unit of length, as `km` is; `kg` is one of mass"
    );
    assert_eq!(
        refusal("convert", json!({ "value": 1, "from": "parsec", "to": "m" })),
        "there is no unit `parsec`; the tool `units` lists the symbols"
    );
    assert_eq!(refusal("convert", json!({ "value": "1" })), "expected a number");
    assert_eq!(refusal("convrt", json!({})), "there is no tool `convrt`; did you mean `convert`?");
    assert!(refusal("convert", json!({ "value": 1e308, "from": "TB", "to": "b" })).contains("too large"));
}

#[test]
fn manifest_lists_all_tools_and_quantities() {
    let manifest: Value = serde_json::from_str(include_str!("../manifest.json")).expect("JSON");
    let definitions = manifest["tool_definitions"].as_array().expect("a list");
    let names: Vec<_> = definitions.iter().map(|tool| tool["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["convert", "units"]);
    let mut quantities: Vec<_> = UNITS.iter().map(|unit| unit.quantity).collect();
    quantities.dedup();
    let described = &definitions[1]["parameters"]["properties"]["quantity"]["enum"];
    quantities.sort_unstable();
    assert_eq!(described, &json!(quantities));
    for quantity in quantities {
        let response = handle(ToolRequest::new("units", json!({ "quantity": quantity })));
        assert!(!response.structured().expect("a list").as_array().expect("a list").is_empty(), "{quantity}");
    }
}
