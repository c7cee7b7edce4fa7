//! The tools that the other tests call, and functions that call them without a process.

use std::collections::BTreeMap;

use mpp_sdk::{
    Error, ToolSet, private,
    serde_json::{self, Value, json},
};

/// Where somebody lives.
#[mpp_sdk::data]
#[derive(Debug)]
pub(crate) struct Address {
    /// With the number.
    street: String,
    #[serde(default)]
    zip: Option<String>,
}

#[mpp_sdk::data]
#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    addresses: Vec<Address>,
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Shape {
    Circle { radius: f64 },
    Dot,
}

#[mpp_sdk::data]
#[derive(Debug)]
pub(crate) enum Colour {
    Red,
    Grey(u8),
}

#[mpp_sdk::data]
#[derive(Debug)]
pub(crate) struct Tree {
    name: String,
    #[serde(default)]
    children: Vec<Tree>,
}

/// A foreign type: derived without `deny_unknown_fields`.
#[derive(Debug, mpp_sdk::serde::Deserialize, mpp_sdk::schemars::JsonSchema)]
#[serde(crate = "mpp_sdk::serde")]
#[schemars(crate = "mpp_sdk::schemars")]
#[allow(dead_code, reason = "read by `Debug` only")]
pub(crate) struct Foreign {
    id: u64,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Debug, mpp_sdk::ToolError)]
pub(crate) enum LookupError {
    #[error(code = "not_found", message = "nobody is called `{0}`")]
    NotFound(String),
    #[error(code = "busy", retryable, message = "the book is being written; try again")]
    Busy,
}

/// Look somebody up.
#[mpp_sdk::tool(read_only, security_level = "medium", title = "Look up")]
fn lookup(
    /// A name.
    #[arg(min_len = 1, max_len = 5)]
    query: &str,
    /// How many at most.
    #[arg(default = 10, range = 1..=100)]
    limit: u8,
    company: Option<String>,
) -> Result<Vec<String>, LookupError> {
    match query {
        "busy" => Err(LookupError::Busy),
        "ada" => Ok(vec![format!("Ada, {limit}, {company:?}")]),
        other => Err(LookupError::NotFound(other.to_owned())),
    }
}

/// Take anything.
#[mpp_sdk::tool]
#[allow(clippy::too_many_arguments, reason = "one of each kind")]
fn take(
    person: Option<Person>,
    shape: Option<Shape>,
    colour: Option<Colour>,
    tree: Option<Tree>,
    foreign: Option<&Foreign>,
    counts: Option<BTreeMap<String, u8>>,
    #[arg(range = 0..1)] share: Option<f64>,
    #[arg(name = "a/b~c")] odd: Option<bool>,
) -> String {
    format!("{person:?} {shape:?} {colour:?} {tree:?} {foreign:?} {counts:?} {share:?} {odd:?}")
}

/// Answer in some way.
#[mpp_sdk::tool]
fn answer(how: &str) -> Result<Value, Error> {
    match how {
        "null" => Ok(Value::Null),
        "big" => Ok(json!({ "big": u64::MAX, "small": i64::MIN, "half": 0.5 })),
        "panic" => panic!("asked to"),
        "fail" => Err("no way".into()),
        "argument" => Err(Error::invalid_argument("/how", "expected another way")),
        _ => Err(Error::new("unknown_way", "there is no such way").detail("ways", ["null", "big"])),
    }
}

/// Nothing.
#[mpp_sdk::tool]
fn nothing() {}

/// Perhaps a text.
#[mpp_sdk::tool]
fn perhaps(text: Option<&str>) -> Option<&str> {
    text
}

/// A list of images and words.
#[mpp_sdk::tool]
fn media() -> Vec<mpp_sdk::Content> {
    vec![mpp_sdk::Content::text("look"), mpp_sdk::Image::new("image/gif", *b"GIF").into()]
}

/// Text, data and metadata.
#[mpp_sdk::tool]
fn mixed() -> mpp_sdk::CallToolResult {
    let link = mpp_sdk::ResourceLink::new("file:///a", "a").size(3);
    mpp_sdk::CallToolResult::new()
        .with_content(mpp_sdk::Content::text("look").audience([mpp_sdk::Role::User]))
        .with_content(link)
        .with_structured(json!({ "n": 1 }))
        .with_meta("trace", "x")
        .failed()
}

/// A result that is no JSON.
#[mpp_sdk::tool]
fn no_json() -> BTreeMap<Vec<u8>, u8> {
    BTreeMap::from([(vec![1], 1)])
}

/// All of them.
pub(crate) fn all() -> ToolSet {
    mpp_sdk::tools![lookup, take, answer, nothing, perhaps, media, mixed, no_json]
}

/// Returns the response to raw bytes.
pub(crate) fn respond(input: &[u8]) -> Value {
    let line = private::respond(&all(), input);
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "one line");
    assert_eq!(line.last(), Some(&b'\n'));
    let response: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(response["jsonrpc"], "2.0");
    assert!(response.get("result").is_some() != response.get("error").is_some(), "{response}");
    response
}

/// Returns the response to a call.
pub(crate) fn call(tool: &str, arguments: &Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
    let response = respond(request.to_string().as_bytes());
    assert_eq!(response["id"], 1);
    response
}

/// Returns the mistakes in the arguments of a call, as pointer, message and nearest name.
pub(crate) fn mistakes(tool: &str, arguments: &Value) -> Vec<(String, String, Option<String>)> {
    let response = call(tool, arguments);
    assert_eq!(response["error"]["data"]["kind"], "invalid_arguments", "{response}");
    assert_eq!(response["error"]["code"], -32602);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mistakes = response["error"]["data"]["mistakes"].as_array().unwrap();
    mistakes
        .iter()
        .map(|mistake| {
            (text(&mistake["pointer"]).unwrap(), text(&mistake["message"]).unwrap(), text(&mistake["nearest"]))
        })
        .collect()
}
