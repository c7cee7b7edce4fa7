//! Checks every JSON document that a test or a transcript reads against the schema that `mpp schema output` prints, and that the
//! page of the book about these documents is current.

mod page;
mod tour;

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::User;

/// The schema of all documents, closed: a member that it does not know is a mistake.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = open_schema();
    schema["$defs"].as_object_mut().expect("definitions").values_mut().for_each(close);
    schema
});

/// Commands that print something else than a document, as long as they succeed.
const OTHER_OUTPUT: [&str; 2] = ["schema", "completions"];

/// Returns the schema as users get it.
fn open_schema() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_mpp")).args(["schema", "output"]).output().expect("mpp starts");
    serde_json::from_slice(&output.stdout).expect("a schema")
}

/// Adds to every object of a schema that it has no other members.
fn close(schema: &mut Value) {
    let is_object = schema.get("properties").is_some();
    if is_object && schema.get("additionalProperties").is_none() {
        schema["unevaluatedProperties"] = false.into();
    }
    for (keyword, value) in schema.as_object_mut().into_iter().flatten() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("items" | "additionalProperties", value) => close(value),
            // Each choice beside `properties` describes only a part of the object.
            ("anyOf" | "oneOf" | "allOf", Value::Array(parts)) if is_object => parts.iter_mut().for_each(close_members),
            ("anyOf" | "oneOf" | "allOf", Value::Array(parts)) => parts.iter_mut().for_each(close),
            _ => {}
        }
    }
}

/// Closes what is below a part of an object, but not the part itself.
fn close_members(part: &mut Value) {
    if let Some(properties) = part.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(close);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        part.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten().for_each(close_members);
    }
}

/// Returns the words of the command: what is no option, and no value of `--format`.
fn words<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        if !is_value && !argument.starts_with('-') {
            words.push(*argument);
        }
        is_value = *argument == "--format";
    }
    words
}

/// Returns the name of the definition for the documents of a command line.
fn definition(arguments: &[&str]) -> String {
    let words = words(arguments);
    let names = [2, 1].into_iter().filter_map(|count| Some(format!("mpp-{}", words.get(..count)?.join("-"))));
    // A command line that is not understood ends in an error of no command.
    names.into_iter().find(|name| SCHEMA["$defs"].get(name).is_some()).unwrap_or_else(|| "ErrorDocument".to_owned())
}

/// Returns whether a command prints a document: the user wants one, or the command has no other form.
fn prints_document(arguments: &[&str]) -> bool {
    let wants_json =
        arguments.contains(&"--format=json") || arguments.windows(2).any(|pair| pair == ["--format", "json"]);
    let words = words(arguments);
    let has = |options: [&str; 2]| arguments.iter().any(|argument| options.contains(argument));
    let is_export = words.starts_with(&["kv", "export"]) && !has(["-o", "--output"]);
    let is_help = has(["-h", "--help"]) && words.first() != Some(&"run");
    (wants_json || is_export) && !is_help
}

/// Checks what a command printed to stdout, if it is to be a document.
#[track_caller]
pub(crate) fn check(arguments: &[&str], stdout: &str) {
    let is_export_that_failed = stdout.is_empty() && words(arguments).starts_with(&["kv", "export"]);
    if !prints_document(arguments) || is_export_that_failed {
        return;
    }
    let document: Value = serde_json::from_str(stdout)
        .unwrap_or_else(|error| panic!("{arguments:?} prints no JSON document: {error}\n{stdout}"));
    let is_other = words(arguments).first().is_some_and(|word| OTHER_OUTPUT.contains(word))
        || arguments.contains(&"--print-client-config");
    if !(is_other && document.get("error").is_none()) {
        validate(&definition(arguments), &document);
    }
}

/// Checks a document against a definition of the closed schema.
#[track_caller]
fn validate(definition: &str, document: &Value) {
    let schema = json!({ "$ref": format!("#/$defs/{definition}"), "$defs": SCHEMA["$defs"] });
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    if let Err(error) = validator.validate(document) {
        panic!("`mpp schema output` does not describe this document of {definition}: {error}\n{document:#}");
    }
}

#[test]
fn the_schema_refuses_what_no_command_prints() {
    validate("mpp-explain", &json!({ "format": 1, "codes": [] }));
    for wrong in [
        json!({ "codes": [] }),
        json!({ "format": 2, "codes": [] }),
        json!({ "format": 1, "codes": [], "more": 1 }),
        json!({ "format": 1, "codes": [{ "code": "MPP-C001", "title": "x", "help": "x", "exit_code": "2" }] }),
        json!({ "format": 1, "error": { "code": "MPP-C001", "message": "x" } }),
        json!({ "format": 1 }),
    ] {
        let refused = std::panic::catch_unwind(|| validate("mpp-explain", &wrong));
        assert!(refused.is_err(), "{wrong} is accepted");
    }
    let nobody =
        std::panic::catch_unwind(|| check(&["frob", "--format", "json"], "{\"format\": 1, \"frobbed\": true}"));
    assert!(nobody.is_err(), "a command without a schema may print only errors");
}

#[test]
fn the_schema_is_valid_and_can_be_asked_for_one_command() {
    let user = User::new();
    let schema: Value =
        serde_json::from_str(&user.mpp(&["schema", "output", "kv", "get"]).done().stdout).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
    assert!(schema["$defs"].get("mpp-kv-get").is_some() && schema["$defs"].get("mpp-kv-list").is_none(), "{schema:#}");
    assert!(jsonschema::meta::is_valid(&open_schema()));
    let ended = user.mpp(&["schema", "output", "kv", "gte"]).failed(2, "MPP-C001");
    assert!(ended.stderr.contains("did you mean `kv get`?"), "{}", ended.stderr);
}

#[test]
fn transcripts_print_documents_that_the_schema_describes() {
    let mut checked = 0;
    for entry in Path::new("tests/cmd").read_dir().expect("the transcripts") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("a transcript");
        for block in text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()) {
            let (command, output) = block.split_once('\n').expect("a command");
            let arguments: Vec<&str> = command.split_whitespace().skip_while(|word| !word.ends_with("mpp")).collect();
            let arguments: Vec<&str> = arguments.into_iter().skip_while(|word| word.ends_with("mpp")).collect();
            if !prints_document(&arguments) {
                continue;
            }
            // The document ends at the brace in the first column; what stderr says follows.
            let start = output.find('{').expect("a document");
            let end = output.find("\n}\n").expect("the end of a document") + 2;
            check(&arguments, &output[start..end]);
            checked += 1;
        }
    }
    assert!(checked >= 3, "only {checked} transcripts print a document");
}

/// The page is made from the schema, and from documents that the program prints here. `cargo xtask gen` rewrites it.
#[test]
fn the_page_of_documents_is_current() {
    let page = page::of(&open_schema(), &tour::examples());
    let path = Path::new("../book/src/json.md");
    if std::env::var_os("MPP_BLESS").is_some() {
        std::fs::write(path, &page).expect("written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == page, "book/src/json.md is not current; run `cargo xtask gen`");
}
