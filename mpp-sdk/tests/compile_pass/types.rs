//! All types that can be an argument or a result.
#![deny(warnings)]

use std::{borrow::Cow, collections::{BTreeMap, HashMap, HashSet}, path::Path};

/// Where somebody is.
#[mpp_sdk::data]
#[derive(Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Address {
    street_name: String,
    #[serde(default)]
    zip: Option<String>,
}

#[mpp_sdk::data]
#[derive(Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
    Dot,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Id(u64);

#[mpp_sdk::data]
#[derive(Debug)]
struct Page<T> {
    items: Vec<T>,
    next: Option<Id>,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Tree {
    name: String,
    #[serde(default)]
    children: Vec<Tree>,
}

#[mpp_sdk::data(open)]
#[derive(Debug)]
struct Loose {
    id: Id,
}

#[mpp_sdk::data]
#[derive(Debug)]
struct Extended {
    id: Id,
    #[serde(flatten)]
    more: BTreeMap<String, u8>,
}

#[mpp_sdk::data]
#[derive(Debug)]
enum Colour {
    Red,
}

type Answer<T> = Result<T, mpp_sdk::Error>;

/// References and what they borrow from.
#[mpp_sdk::tool]
fn references(
    text: &str,
    numbers: &[u8],
    path: &Path,
    address: &Address,
    maybe: Option<&str>,
    maybe_address: Option<&Address>,
    maybe_list: Option<&[u8]>,
    list: &Vec<String>,
    mut cow: Cow<'_, str>,
) -> Answer<Page<Address>> {
    cow.to_mut().push_str(text);
    let _ = (numbers, path, maybe, maybe_list, list, maybe_address);
    Ok(Page { items: vec![address.clone()], next: None })
}

/// Owned.
#[mpp_sdk::tool]
fn owned(
    shape: Shape,
    id: Id,
    page: Page<Shape>,
    tree: Tree,
    map: HashMap<String, Address>,
    set: HashSet<u8>,
    tuple: (u8, String),
    array: [f32; 3],
    boxed: Box<Tree>,
    loose: Loose,
    extended: Extended,
    any: mpp_sdk::serde_json::Value,
    unit: Option<Option<u8>>,
) -> Option<Tree> {
    let _ = (shape, id, page, map, set, tuple, array, boxed, loose, extended, any, unit);
    Some(tree)
}

/// Defaults and rules.
#[mpp_sdk::tool(name = "set-rules", title = "Rules", description = "In place of the comment.", idempotent = false, open_world)]
fn rules(
    #[arg(default = Address::default())] address: Address,
    #[arg(default)] list: Vec<String>,
    #[arg(default = vec![1, 2], max_len = 3)] numbers: Vec<u8>,
    #[arg(default = -1, range = -5..5)] delta: i32,
    #[arg(default = 1, range = 0..=1)] share: f64,
    #[arg(range = LOW..)] bounded: u32,
    #[arg(range = ..=10)] optional: Option<i64>,
    #[arg(default = true)] on: bool,
    #[arg(format = "email", example = "ada@example.com")] mail: &str,
    #[arg(pattern = "^[a-z]+$", min_len = 1, max_len = 20)] word: Option<String>,
    #[arg(default = "here")] place: String,
    #[arg(default = "there")] cow: Cow<'_, str>,
    #[arg(default = "/data")] directory: &Path,
    #[arg(default = [1, 2])] pair: &[u8],
    #[arg(default = Colour::Red, example = "Red")] colour: Colour,
    #[arg(examples = [1, 2, 3])] count: usize,
    #[arg(example = Address { street_name: "High Street".into(), zip: None })] shown: Address,
    #[allow(unused_variables)] ignored: Option<u8>,
) {
    let _ = (address, list, numbers, delta, share, bounded, optional, on, mail, word, place, cow, directory, pair, colour, count, shown);
}

const LOW: u32 = 7;

/// Media.
#[mpp_sdk::tool]
fn media(kind: u8) -> Result<Vec<mpp_sdk::Content>, &'static str> {
    match kind {
        0 => Ok(vec![mpp_sdk::Content::text("x"), mpp_sdk::Image::new("image/png", vec![1]).into()]),
        _ => Err("give 0"),
    }
}

fn main() {
    assert_eq!(mpp_sdk::tools![references, owned, rules, media].names(), ["media", "owned", "references", "set-rules"]);
}
