//! Golden files of definitions, compared by their effect on callers.

use std::fs;

use serde_json::{Value, json};

use crate::support::{failure, text_tools};

#[test]
fn unchanged_definitions_pass_and_their_text_is_stable() {
    let tool = text_tools();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("definitions.json");
    fs::write(&file, tool.definitions_json()).unwrap();
    tool.assert_definitions(&file);
    assert_eq!(tool.definitions_json(), text_tools().definitions_json());
    let keys: Vec<String> = serde_json::from_str::<Vec<Value>>(&tool.definitions_json()).unwrap()[0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys, ["annotations", "description", "name", "parameters", "returns", "security_level"]);
}

#[test]
fn the_manifest_lists_arguments_and_fields_in_the_authors_order() {
    let tool = text_tools();
    let schema = |name: &str| {
        let found = tool.definitions().iter().find(|tool| tool.name == name).unwrap();
        (found.parameters.clone(), found.returns.clone().unwrap())
    };
    let names = |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (parameters, returns) = schema("word_count");
    assert_eq!(names(&parameters), ["text", "top", "ignore"]);
    assert_eq!(parameters["required"], json!(["text"]));
    assert_eq!(names(&returns), ["characters", "words", "lines", "frequent"]);
    assert_eq!(names(&schema("diff").0), ["before", "after", "context"]);
}

#[test]
fn changes_are_reported_by_their_effect_on_callers() {
    let tool = text_tools();
    let mut stored: Value = serde_json::from_str(&tool.definitions_json()).unwrap();
    let rewrite = stored.as_array().unwrap().iter().position(|tool| tool["name"] == "word_count").unwrap();
    stored[rewrite]["parameters"]["properties"]["top"]["maximum"] = json!(1000);
    stored[rewrite]["parameters"]["properties"]["top"]["default"] = json!(10);
    stored[rewrite]["description"] = json!("Count words.");
    stored.as_array_mut().unwrap().retain(|tool| tool["name"] != "diff");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("definitions.json");
    fs::write(&file, stored.to_string()).unwrap();
    let said = failure(|| tool.assert_definitions(&file));
    let expected = format!(
        "the definitions differ from `{}`, and the change breaks callers\n\n\
         breaking:\n  \
           word_count: argument `/top` defaults to `5`, not `10` as before\n  \
           word_count: argument `/top` may be at most 100, not 1000 as before\n\
         compatible:\n  \
           diff: the tool is new\n\
         wording:\n  \
           word_count: the tool has another description\n\n\
         help: if the change is intended, run `MPP_TEST_BLESS=1 cargo test` to write the file, and commit it with the change",
        file.display()
    );
    assert_eq!(said, expected);
}

#[test]
fn a_missing_file_and_an_invalid_one_are_distinguished() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("definitions.json");
    let tool = text_tools();
    let said = failure(|| tool.assert_definitions(&file));
    assert!(
        said.starts_with("cannot read the definitions in `")
            && said.contains("help: run `MPP_TEST_BLESS=1 cargo test`"),
        "{said}"
    );
    fs::write(&file, "{}").unwrap();
    let said = failure(|| tool.assert_definitions(&file));
    assert!(said.contains("` does not contain definitions: "), "{said}");
}
