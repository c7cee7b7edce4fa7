//! The handler of the SDK and the published schema accept the same arguments, whatever types and attributes describe them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use mpp_host::sandbox::{Compiled, Contract};
use mpp_sdk::{ToolSet, private, wire::ToolDefinition};
use serde_json::{Value, json};

#[mpp_sdk::data]
#[derive(Debug)]
struct Place {
    #[serde(alias = "town", alias = "city")]
    name: String,
    #[serde(default, alias = "postcode")]
    zip: Option<String>,
    #[serde(rename = "type", default = "village")]
    kind: String,
}

fn village() -> String {
    "village".to_owned()
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(rename_all = "camelCase")]
struct TwoAliases {
    #[serde(alias = "from")]
    start_day: u8,
    #[serde(alias = "to")]
    end_day: u8,
}

/// A colour.
#[mpp_sdk::data]
#[derive(Debug)]
#[serde(rename_all = "kebab-case")]
enum Colour {
    /// Like blood.
    #[serde(alias = "rouge")]
    Red,
    LightBlue,
    #[serde(alias = "gray")]
    Grey(u8),
    #[serde(skip)]
    #[expect(dead_code, reason = "no caller can name it")]
    Hidden,
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Shape {
    #[serde(alias = "ring")]
    Circle {
        radius: f64,
    },
    Dot,
    Inside(Place),
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    A {
        x: u8,
    },
    #[serde(alias = "C")]
    B(u8),
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(untagged)]
enum Either {
    Number(i32),
    Named { name: String },
}

#[mpp_sdk::data(open)]
#[derive(Debug)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Push {
        branch: String,
    },
    #[serde(other)]
    Unknown,
}

#[mpp_sdk::data(open)]
#[derive(Debug)]
struct Loose {
    id: u8,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Drawing {
    id: u8,
    #[serde(flatten)]
    shape: Shape,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Extended {
    id: u8,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Converted {
    #[serde(deserialize_with = "seconds", serialize_with = "written")]
    #[schemars(with = "String")]
    wait: u64,
    #[serde(skip_deserializing, default)]
    computed: u8,
}

fn seconds<'de, D: mpp_sdk::serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text: String = mpp_sdk::serde::Deserialize::deserialize(deserializer)?;
    text.trim_end_matches('s').parse().map_err(mpp_sdk::serde::de::Error::custom)
}

fn written<S: mpp_sdk::serde::Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value}s"))
}

#[mpp_sdk::data]
#[derive(Debug, Clone)]
#[serde(try_from = "String", into = "String")]
struct Even(u8);

impl TryFrom<String> for Even {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is not even a number"))
    }
}

impl From<Even> for String {
    fn from(even: Even) -> Self {
        even.0.to_string()
    }
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Tree {
    value: Option<i64>,
    #[serde(default)]
    children: Vec<Tree>,
    parent: Option<Box<Tree>>,
}

/// Take one of each.
#[mpp_sdk::tool]
#[expect(clippy::too_many_arguments, reason = "one of each kind")]
fn each(
    place: Option<Place>,
    two: Option<TwoAliases>,
    colour: Option<Colour>,
    /// A shape.
    shape: Option<Shape>,
    adjacent: Option<Adjacent>,
    either: Option<Either>,
    event: Option<Event>,
    loose: Option<Loose>,
    drawing: Option<Drawing>,
    extended: Option<Extended>,
    converted: Option<Converted>,
    even: Option<Even>,
    tree: Option<Tree>,
    any: Option<Value>,
    map: Option<BTreeMap<String, Value>>,
    set: Option<BTreeSet<i32>>,
    hash_set: Option<HashSet<String>>,
    point: Option<(f64, f64)>,
    pair: Option<(u8, String)>,
    array: Option<[u8; 2]>,
    deep: Option<Vec<BTreeMap<String, i32>>>,
    non_zero: Option<std::num::NonZeroI8>,
    character: Option<char>,
    duration: Option<std::time::Duration>,
    #[arg(range = 1..10)] below: Option<u8>,
    #[arg(default = 3)] count: u8,
) -> String {
    format!(
        "{place:?} {two:?} {colour:?} {shape:?} {adjacent:?} {either:?} {event:?} {loose:?} {drawing:?} {extended:?} \
         {converted:?} {even:?} {tree:?} {any:?} {map:?} {set:?} {hash_set:?} {point:?} {pair:?} {array:?} {deep:?} \
         {non_zero:?} {character:?} {duration:?} {below:?} {count}"
    )
}

/// One of each integer type.
#[mpp_sdk::tool]
#[allow(clippy::too_many_arguments, reason = "one of each type")]
fn integers(
    i8: Option<i8>,
    u8: Option<u8>,
    i16: Option<i16>,
    u16: Option<u16>,
    i32: Option<i32>,
    u32: Option<u32>,
    i64: Option<i64>,
    u64: Option<u64>,
    isize: Option<isize>,
    usize: Option<usize>,
) -> String {
    format!("{i8:?} {u8:?} {i16:?} {u16:?} {i32:?} {u32:?} {i64:?} {u64:?} {isize:?} {usize:?}")
}

/// Divide.
#[mpp_sdk::tool]
fn divide(by: f64) -> BTreeMap<&'static str, (Option<f64>, Vec<f64>)> {
    BTreeMap::from([("a/b", (None, vec![1.0, 1.0 / by]))])
}

/// A result of each kind.
#[mpp_sdk::tool]
#[expect(clippy::type_complexity, reason = "it is the type of a result")]
fn returned() -> (Option<Place>, Colour, Vec<(f64, f64)>, Option<i32>, BTreeSet<u8>, Value) {
    (None, Colour::Red, Vec::new(), None, BTreeSet::new(), Value::Null)
}

fn respond(method: &str, params: &Value) -> Value {
    let tools: ToolSet = mpp_sdk::tools![each, integers, divide, returned];
    let request = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    serde_json::from_slice(&private::respond(&tools, request.as_bytes())).unwrap()
}

fn call(tool: &str, arguments: &Value) -> Value {
    respond("tools/call", &json!({ "name": tool, "arguments": arguments }))
}

fn definition(tool: &str) -> Value {
    let listed = respond("tools/list", &Value::Null)["result"]["tools"].clone();
    listed.as_array().unwrap().iter().find(|known| known["name"] == tool).unwrap().clone()
}

fn published(tool: &str) -> ToolDefinition {
    serde_json::from_value(definition(tool)).unwrap()
}

fn parameters(tool: &str) -> Value {
    definition(tool)["parameters"].clone()
}

/// Asserts that handler and schema agree on a value of one argument, and returns the handler's response.
#[track_caller]
fn agreed(argument: &str, value: &Value, accepted: bool) -> Value {
    let arguments = json!({ argument: value });
    let (definition, compiled) = (published("each"), Compiled::default());
    let mistakes = Contract::new(&definition, &compiled).check_arguments(&arguments).unwrap();
    let schema = &definition.parameters["properties"][argument];
    assert_eq!(mistakes.is_empty(), accepted, "the schema about {arguments}: {mistakes:?}\n{schema:#}");
    let response = call("each", &arguments);
    assert_eq!(response.get("result").is_some(), accepted, "the handler about {arguments}: {response}");
    response
}

#[test]
fn other_names_of_fields_are_accepted() {
    for right in [
        json!({ "name": "Ulm" }),
        json!({ "town": "Ulm" }),
        json!({ "city": "Ulm", "postcode": "1", "type": "city" }),
        json!({ "name": "Ulm", "zip": "1" }),
    ] {
        agreed("place", &right, true);
    }
    for wrong in [json!({}), json!({ "zip": "1" }), json!({ "towns": "Ulm" }), json!({ "town": 5 })] {
        agreed("place", &wrong, false);
    }
    agreed("two", &json!({ "startDay": 1, "to": 2 }), true);
    agreed("two", &json!({ "from": 1, "endDay": 2 }), true);
    agreed("two", &json!({ "from": 1 }), false);
    agreed("two", &json!({ "start_day": 1, "to": 2 }), false);
    let place = &parameters("each")["properties"]["place"];
    assert_eq!(place["properties"]["town"]["description"], "Another name of `name`.");
    assert_eq!(place["properties"]["kind"], Value::Null);
    assert_eq!(place["properties"]["type"], json!({ "type": "string", "default": "village" }));
}

#[test]
fn other_names_of_variants_are_accepted() {
    for right in [json!("red"), json!("rouge"), json!("light-blue"), json!({ "grey": 5 }), json!({ "gray": 5 })] {
        agreed("colour", &right, true);
    }
    for wrong in [json!("hidden"), json!("Red"), json!({ "gray": 256 }), json!({ "grey": 1, "gray": 2 })] {
        agreed("colour", &wrong, false);
    }
    let colour = &parameters("each")["properties"]["colour"];
    assert_eq!(colour["anyOf"][0]["enum"], json!(["light-blue", "red", "rouge"]), "{colour:#}");
    assert_eq!(colour["anyOf"][0]["description"], "- `red`: Like blood.");
    agreed("shape", &json!({ "kind": "ring", "radius": 1 }), true);
    agreed("adjacent", &json!({ "t": "C", "c": 3 }), true);
    agreed("adjacent", &json!({ "t": "A", "c": { "x": 3 } }), true);
    agreed("adjacent", &json!({ "t": "A", "c": { "x": 3, "y": 4 } }), false);
    agreed("adjacent", &json!({ "t": "B", "c": 3, "d": 4 }), false);
}

#[test]
fn unknown_keys_beside_a_tag_are_refused() {
    agreed("shape", &json!({ "kind": "dot" }), true);
    let response = agreed("shape", &json!({ "kind": "dot", "radius": 1 }), false);
    assert_eq!(response["error"]["data"]["mistakes"][0]["message"], "there is no key `radius`", "{response}");
    agreed("shape", &json!({ "kind": "circle", "radius": 1, "x": 2 }), false);
    agreed("shape", &json!({ "kind": "inside", "name": "x" }), true);
    agreed("shape", &json!({ "kind": "inside", "name": "x", "y": 1 }), false);
}

#[test]
fn a_wrong_tag_is_told_at_its_place_with_the_nearest() {
    for (argument, value, pointer) in [
        ("shape", json!({ "radius": 1, "kind": "crcle" }), "/shape/kind"),
        ("adjacent", json!({ "t": "X", "c": 1 }), "/adjacent/t"),
        ("colour", json!("rde"), "/colour"),
    ] {
        let mistake = agreed(argument, &value, false)["error"]["data"]["mistakes"][0].clone();
        assert_eq!(mistake["pointer"], pointer, "{mistake}");
        assert!(mistake["message"].as_str().unwrap().starts_with("there is no choice `"), "{mistake}");
    }
    let mistake = |value: Value| call("each", &json!({ "shape": value }))["error"]["data"]["mistakes"][0].clone();
    assert_eq!(mistake(json!({ "radius": 1, "kind": "crcle" }))["nearest"], "circle");
    // serde reads a flattened enum into a buffer, so the handler names the object; the host, which checks first, the key.
    let mistake = agreed("drawing", &json!({ "kind": "dto", "id": 1 }), false)["error"]["data"]["mistakes"][0].clone();
    assert_eq!((&mistake["pointer"], &mistake["nearest"]), (&json!("/drawing"), &json!("dot")));
}

#[test]
fn open_types_ignore_unknown_keys_and_names() {
    agreed("loose", &json!({ "id": 1, "more": { "x": 2 } }), true);
    agreed("loose", &json!({ "more": 1 }), false);
    agreed("event", &json!({ "event": "push", "branch": "main", "size": 1 }), true);
    // A known name without its keys fits the form of all other names, and the tool refuses it.
    assert!(call("each", &json!({ "event": { "event": "push", "size": 1 } }))["error"].is_object());
    agreed("event", &json!({ "event": "star", "size": 1 }), true);
    agreed("event", &json!({ "size": 1 }), false);
    agreed("extended", &json!({ "id": 1, "more": null, "x": [1] }), true);
    agreed("extended", &json!({ "x": 1 }), false);
}

#[test]
fn flattened_enums_are_one_list_of_closed_forms() {
    agreed("drawing", &json!({ "id": 1, "kind": "dot" }), true);
    agreed("drawing", &json!({ "id": 1, "kind": "circle", "radius": 2 }), true);
    agreed("drawing", &json!({ "id": 1, "kind": "circle", "radius": 2, "x": 1 }), false);
    agreed("drawing", &json!({ "kind": "dot" }), false);
    let drawing = parameters("each")["properties"]["drawing"].clone();
    assert_eq!(drawing.as_object().unwrap().keys().collect::<Vec<_>>(), ["anyOf"], "{drawing:#}");
    for form in drawing["anyOf"].as_array().unwrap() {
        assert_eq!(form["additionalProperties"], false, "{form:#}");
        assert!(form["properties"]["id"].is_object() && form["properties"]["kind"].is_object(), "{form:#}");
    }
}

#[test]
fn conversions_publish_what_they_read() {
    agreed("converted", &json!({ "wait": "5s" }), true);
    agreed("converted", &json!({ "wait": 5 }), false);
    agreed("converted", &json!({ "wait": "5s", "computed": 1 }), false);
    agreed("even", &json!("4"), true);
    agreed("even", &json!(4), false);
    agreed("either", &json!(4), true);
    agreed("either", &json!({ "name": "x" }), true);
    agreed("either", &json!({ "name": "x", "y": 1 }), false);
    agreed("tree", &json!({ "children": [{ "value": 1 }], "parent": {} }), true);
    agreed("tree", &json!({ "children": [{ "value": "1" }] }), false);
    agreed("non_zero", &json!(-1), true);
    agreed("non_zero", &json!(0), false);
    agreed("non_zero", &json!(-129), false);
    agreed("character", &json!("é"), true);
    agreed("character", &json!("ab"), false);
    agreed("duration", &json!({ "secs": 1, "nanos": 0 }), true);
    agreed("duration", &json!({ "secs": 1, "nanos": 0, "x": 1 }), false);
    agreed("below", &json!(9), true);
    agreed("below", &json!(10), false);
}

#[test]
fn integral_floats_are_integers() {
    for (argument, value) in [
        ("count", "30.0"),
        ("count", "3e1"),
        ("set", "[1.0, 2]"),
        ("array", "[1.0, 2.0]"),
        ("deep", r#"[{"a": 5.0}]"#),
        ("place", r#"{"name": "1.0"}"#),
        ("pair", r#"[5.0, "x"]"#),
        ("tree", r#"{"value": -7.0, "children": [{"value": 0.0}]}"#),
        ("drawing", r#"{"id": 1.0, "kind": "dot"}"#),
        ("either", "5.0"),
        ("adjacent", r#"{"t": "B", "c": 5.0}"#),
        ("point", "[1, 2.0]"),
    ] {
        agreed(argument, &serde_json::from_str(value).unwrap(), true);
    }
    for (argument, value) in [("count", "30.5"), ("count", "256.0"), ("count", "-1.0"), ("deep", r#"[{"a": 5.5}]"#)] {
        agreed(argument, &serde_json::from_str(value).unwrap(), false);
    }
    let message = |value: &str| {
        let response = call("each", &json!({ "count": serde_json::from_str::<Value>(value).unwrap() }));
        response["error"]["data"]["mistakes"][0]["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message("30.5"), "expected an integer from 0 to 255, found floating point `30.5`");
    assert_eq!(message("300.0"), "expected an integer from 0 to 255, found integer `300`");
    // The first mistake is the real one, not the float before it.
    let response = call("each", &json!({ "tree": { "value": 1.0, "children": "x" } }));
    assert_eq!(response["error"]["data"]["mistakes"][0]["pointer"], "/tree/children");
    // A value of any type is passed on as it was written.
    assert!(
        call("each", &json!({ "any": 1.0 }))["result"]["content"][0]["text"].as_str().unwrap().contains("Number(1.0)")
    );
}

#[test]
fn a_closure_gets_integral_floats_as_integers_too() {
    let request = mpp_sdk::ToolRequest::new("each", json!({ "id": 1.0, "kind": "dot" }));
    assert_eq!(request.parse::<Drawing>().unwrap().id, 1);
    let error = mpp_sdk::ToolRequest::new("each", json!({ "id": 1.5 })).parse::<Loose>().unwrap_err();
    assert_eq!(error.message(), "expected an integer from 0 to 255, found floating point `1.5`");
}

#[test]
fn integer_types_publish_their_bounds() {
    let published = parameters("integers");
    for (name, least, most) in [
        ("i8", i64::from(i8::MIN), i8::MAX as u64),
        ("u8", 0, u64::from(u8::MAX)),
        ("i16", i64::from(i16::MIN), i16::MAX as u64),
        ("u16", 0, u64::from(u16::MAX)),
        ("i32", i64::from(i32::MIN), i32::MAX as u64),
        ("u32", 0, u64::from(u32::MAX)),
        ("i64", i64::MIN, i64::MAX as u64),
        ("u64", 0, u64::MAX),
        ("isize", i64::from(i32::MIN), i32::MAX as u64),
        ("usize", 0, u64::from(u32::MAX)),
    ] {
        let expected = json!({ "type": "integer", "minimum": least, "maximum": most });
        assert_eq!(published["properties"][name], expected, "{name}");
        for bound in [json!(least), json!(most)] {
            assert!(call("integers", &json!({ name: bound }))["result"].is_object(), "{name}");
        }
        let said = |value: &Value| {
            let response = call("integers", &json!({ name: value }));
            response["error"]["data"]["mistakes"][0]["message"].as_str().unwrap().to_owned()
        };
        let message = said(&json!("x"));
        assert_eq!(message, format!("expected an integer from {least} to {most}, found string \"x\""));
        if name.ends_with("size") {
            // Longer in this process than in a module.
            continue;
        }
        let message = said(&json!(1e20));
        assert!(message.starts_with(&format!("expected an integer from {least} to {most}, found ")), "{message}");
        assert_eq!(message.matches("1e+20").count(), 1, "{message}");
    }
}

#[test]
fn null_for_an_optional_argument_is_as_if_it_were_left_out() {
    for arguments in [json!({ "place": null, "count": null }), json!({ "any": null }), json!({})] {
        let text = call("each", &arguments)["result"]["content"][0]["text"].as_str().unwrap().to_owned();
        assert!(text.starts_with("None ") && text.ends_with(" 3"), "{text}");
    }
}

#[test]
fn sets_take_a_value_twice_once() {
    let response = agreed("set", &json!([1, 1, 2]), true);
    assert!(response["result"]["content"][0]["text"].as_str().unwrap().contains("Some({1, 2})"), "{response}");
    agreed("hash_set", &json!(["a", "a"]), true);
    let returned = definition("returned")["returns"].clone();
    assert_eq!(returned["prefixItems"][4]["uniqueItems"], true, "{returned:#}");
}

#[test]
fn numbers_that_are_not_finite_are_an_error_that_names_their_place() {
    let error = call("divide", &json!({ "by": 0 }))["error"].clone();
    assert_eq!(error["data"]["code"], "result_not_json");
    assert_eq!(
        error["message"],
        "the tool's result cannot be serialized as JSON: the number at `/a~1b/1/1` is infinite, and JSON has finite numbers only"
    );
    let result = call("divide", &json!({ "by": 2 }))["result"].clone();
    assert_eq!(result["structuredContent"], json!({ "a/b": [null, [1.0, 0.5]] }));
    let response = mpp_sdk::ToolResponse::success(f32::NAN);
    assert!(response.error_message().unwrap().contains("the number is NaN"), "{response:?}");
    // A `null` that is meant stays.
    assert_eq!(
        mpp_sdk::ToolResponse::success((None::<f64>, "null", 1.0)).structured(),
        Some(json!([null, "null", 1.0]))
    );
}

/// Constructs that model providers refuse.
fn refused(schema: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(keywords) = schema else {
        found.push(format!("{at}: {schema} is a boolean schema"));
        return;
    };
    for (keyword, value) in keywords {
        let here = format!("{at}/{keyword}");
        match (keyword.as_str(), value) {
            ("oneOf" | "const" | "unevaluatedProperties" | "not", _) => found.push(here),
            ("type", Value::Array(_)) => found.push(format!("{here} is an array")),
            ("prefixItems", _) if !keywords.contains_key("items") => found.push(format!("{here} without items")),
            (keyword, _) if keyword.starts_with("x-") => found.push(here),
            ("properties" | "$defs", Value::Object(schemas)) => {
                schemas.iter().for_each(|(key, schema)| refused(schema, &format!("{here}/{key}"), found));
            }
            ("anyOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter().for_each(|schema| refused(schema, &here, found));
            }
            ("additionalProperties", Value::Bool(false)) => {}
            ("items" | "additionalProperties", schema) => refused(schema, &here, found),
            _ => {}
        }
    }
}

#[test]
fn nothing_is_published_that_providers_refuse() {
    for tool in ["each", "integers", "divide", "returned"] {
        let definition = definition(tool);
        for member in ["parameters", "returns"] {
            let mut found = Vec::new();
            if let Some(schema) = definition.get(member) {
                refused(schema, member, &mut found);
            }
            assert_eq!(found, Vec::<String>::new(), "{tool}: {definition:#}");
        }
    }
    let properties = parameters("each")["properties"].clone();
    for (key, schema) in properties.as_object().unwrap() {
        assert!(!schema.to_string().contains("\"null\""), "{key} has a form `null`: {schema:#}");
    }
    assert_eq!(properties["any"], json!({}));
    assert_eq!(properties["map"], json!({ "type": "object" }));
    let number = json!({ "type": "number" });
    assert_eq!(properties["point"], json!({ "type": "array", "items": number, "minItems": 2, "maxItems": 2 }));
    assert_eq!(properties["pair"]["items"]["anyOf"].as_array().unwrap().len(), 2);
    assert_eq!(properties["shape"]["description"], "A shape.");
    assert_eq!(properties["tree"]["properties"]["parent"], json!({ "$ref": "#/$defs/Tree" }));
    let returned = definition("returned")["returns"].clone();
    let integer = json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX });
    assert_eq!(returned["prefixItems"][3], json!({ "anyOf": [integer, { "type": "null" }] }));
}
