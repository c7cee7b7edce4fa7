//! Definitions: the response to `tools/list`.

use mpp_sdk::serde_json::{Value, json};

use crate::tools::respond;

fn listed() -> Value {
    respond(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)["result"]["tools"].clone()
}

fn tool(name: &str) -> Value {
    listed().as_array().unwrap().iter().find(|tool| tool["name"] == name).unwrap().clone()
}

#[test]
fn tools_are_sorted_by_name() {
    let listed = listed();
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["answer", "lookup", "media", "mixed", "no_json", "nothing", "perhaps", "take"]);
}

#[test]
fn annotated_tools_are_found() {
    let names = mpp_sdk::private::annotated().names();
    assert!(names.contains(&"lookup") && names.is_sorted(), "{names:?}");
}

#[test]
fn definitions_follow_the_signature() {
    assert_eq!(
        tool("lookup"),
        json!({
            "name": "lookup", "title": "Look up", "description": "Look somebody up.",
            "parameters": {
                "type": "object", "additionalProperties": false, "required": ["query"],
                "properties": {
                    "query": { "type": "string", "description": "A name.", "minLength": 1, "maxLength": 5 },
                    "limit": { "type": "integer", "description": "How many at most.", "default": 10, "minimum": 1, "maximum": 100 },
                    "company": { "type": "string" },
                },
            },
            "returns": { "type": "array", "items": { "type": "string" } },
            "security_level": "medium", "annotations": { "readOnlyHint": true },
        })
    );
    assert_eq!(
        tool("nothing"),
        json!({ "name": "nothing", "description": "Nothing.", "security_level": "low",
            "parameters": { "type": "object", "properties": {}, "additionalProperties": false } })
    );
}

#[test]
fn arguments_fields_and_keywords_are_in_the_authors_order() {
    let keys = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let lookup = tool("lookup");
    let parameters = &lookup["parameters"];
    assert_eq!(keys(parameters), ["type", "properties", "required", "additionalProperties"]);
    assert_eq!(keys(&parameters["properties"]), ["query", "limit", "company"]);
    assert_eq!(keys(&parameters["properties"]["query"]), ["type", "description", "minLength", "maxLength"]);
    let take = tool("take");
    let properties = &take["parameters"]["properties"];
    assert_eq!(
        keys(properties),
        ["person", "shape", "colour", "tree", "foreign", "counts", "share", "a/b~c"],
        "{properties:#}"
    );
    assert_eq!(keys(&properties["person"]["properties"]), ["name", "addresses"]);
    assert_eq!(properties["person"]["required"], json!(["name", "addresses"]));
    assert_eq!(keys(&properties["person"]["properties"]["addresses"]["items"]["properties"]), ["street", "zip"]);
    assert_eq!(keys(&properties["shape"]["anyOf"][0]["properties"]), ["kind", "radius"]);
    // The fields of a flattened enum come last.
    assert_eq!(keys(&properties["foreign"]["anyOf"][0]["properties"]), ["id", "kind", "radius"]);
}

#[test]
fn the_host_reads_the_definitions_that_the_handler_writes() {
    use mpp_sdk::{
        CallToolResult,
        serde_json::from_value,
        wire::{ListToolsResult, Response},
    };
    let list = respond(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    let response: Response<ListToolsResult> = from_value(list).unwrap();
    assert_eq!(response.result.unwrap().tools.len(), 8);
    for (tool, arguments) in [("media", json!({})), ("lookup", json!({ "query": "ada" }))] {
        let response: Response<CallToolResult> = from_value(crate::tools::call(tool, &arguments)).unwrap();
        assert!(!response.result.unwrap().is_error);
    }
    let response: Response<CallToolResult> = from_value(crate::tools::call("lookup", &json!({}))).unwrap();
    assert_eq!(response.error.unwrap().kind().unwrap().code(), -32602);
}

#[test]
fn objects_are_closed_at_every_level() {
    let take = tool("take");
    let properties = &take["parameters"]["properties"];
    let person = &properties["person"];
    assert_eq!(person["additionalProperties"], false, "{properties:#}");
    assert_eq!(person["properties"]["addresses"]["items"]["additionalProperties"], false);
    // Each form of a flattened enum has the members of the whole.
    for form in properties["foreign"]["anyOf"].as_array().unwrap() {
        assert_eq!(form["additionalProperties"], false, "{form:#}");
        assert!(form["properties"]["id"].is_object(), "{form:#}");
    }
    assert_eq!(properties["counts"]["additionalProperties"]["maximum"], 255, "a map is open");
}

#[test]
fn only_recursive_types_become_references() {
    let take = tool("take");
    let definitions = take["parameters"]["$defs"].as_object().unwrap();
    assert_eq!(definitions.keys().collect::<Vec<_>>(), ["Tree"]);
    assert_eq!(definitions["Tree"]["additionalProperties"], false);
    let text = take.to_string();
    assert!(!text.contains("$schema") && !text.contains("\"uint8\"") && !text.contains("\"default\":null"), "{text}");
}
