//! Schemas that are published from files.

use mpp_sdk::{
    private,
    serde_json::{self, Value, json},
};

#[mpp_sdk::data]
struct Times {
    times: Vec<String>,
}

/// Convert a time.
#[mpp_sdk::tool(parameters = "tests/schemas/convert.json", returns = "tests/schemas/convert.returns.json")]
fn convert(
    /// Not published.
    time: &str,
    #[arg(name = "type", default = "short")] type_: String,
    zones: Option<Vec<String>>,
) -> Times {
    let zones = zones.unwrap_or_default();
    Times { times: zones.iter().map(|zone| format!("{time} {type_} {zone}")).collect() }
}

/// Add numbers.
#[mpp_sdk::tool(parameters = "tests/schemas/combined.json")]
fn add(a: Option<i64>, b: Option<i64>) -> i64 {
    a.unwrap_or_default() + b.unwrap_or_default()
}

fn respond(request: &Value) -> Value {
    let tools = mpp_sdk::tools![add, convert];
    serde_json::from_slice(&private::respond(&tools, request.to_string().as_bytes())).unwrap()
}

fn definitions() -> Value {
    respond(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))["result"]["tools"].clone()
}

#[test]
fn the_schemas_of_files_are_published() {
    let convert = definitions()[1].clone();
    let mut expected: Value = serde_json::from_str(include_str!("../schemas/convert.json")).unwrap();
    expected["additionalProperties"] = json!(false);
    assert_eq!(convert["parameters"], expected, "the schema of the file, closed");
    let expected: Value = serde_json::from_str(include_str!("../schemas/convert.returns.json")).unwrap();
    assert_eq!(convert["returns"], expected);
}

#[test]
fn a_combined_schema_is_closed_as_a_whole() {
    let add = definitions()[0].clone();
    assert_eq!(add["parameters"]["unevaluatedProperties"], json!(false));
    assert_eq!(add["parameters"].get("additionalProperties"), None);
    assert_eq!(add["returns"]["type"], "integer", "the type of the result is still described");
}

#[test]
fn arguments_are_read_into_the_types_of_the_function() {
    let call = |arguments: Value| {
        respond(
            &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "convert", "arguments": arguments}}),
        )
    };
    let answer = call(json!({"time": "09:30", "type": "long", "zones": ["UTC"]}));
    assert_eq!(answer["result"]["structuredContent"], json!({"times": ["09:30 long UTC"]}));
    let answer = call(json!({"time": "09:30", "tpye": "long"}));
    assert_eq!(answer["error"]["data"]["kind"], "invalid_arguments", "{answer}");
}
