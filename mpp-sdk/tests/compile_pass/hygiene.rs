//! Generated code does not depend on the meaning of the author's names, and passes strict lints.
#![deny(missing_docs, unused, unsafe_code, unreachable_pub, clippy::all, warnings)]

#[allow(non_camel_case_types, non_snake_case, missing_docs, unused, unreachable_pub)]
mod shadows {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub mod core {}
    pub mod std {}
    pub mod mpp_sdk_private {}
    pub trait Default {}
    pub fn Some() {}
    pub fn None() {}
    pub fn Ok() {}
    pub fn Err() {}
}
#[allow(unused_imports)]
use shadows::*;

/// A tool can have any name.
#[mpp_sdk::tool]
fn arguments(
    /// Arguments can have any name.
    tag: &str,
    #[arg(default = 3, range = 1..=9)] value: u8,
    #[arg(default = "x", min_len = 1)] returned: &str,
    generator: ::std::option::Option<u8>,
    #[arg(name = "type")] r#type: bool,
) -> ::std::string::String {
    ::std::format!("{tag}{value}{returned}{generator:?}{type}")
}

/// A function can have the name of a local variable of the generated code.
#[mpp_sdk::tool]
fn value() -> u8 {
    1
}

/// A function can have the name of a keyword.
#[mpp_sdk::tool]
fn r#match() {}

/// A function can have lifetimes.
#[mpp_sdk::tool]
fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() > b.len() { a } else { b }
}

/// A type with everything.
#[mpp_sdk::data]
#[derive(Debug)]
#[cfg_attr(all(), doc = "It is no attribute of serde.")]
#[serde(tag = "kind")]
enum Shape {
    /// Round.
    #[serde(alias = "ring")]
    Circle {
        /// Half of the diameter.
        #[serde(alias = "r")]
        radius: f64,
    },
    /// Nothing.
    Dot,
}

/// Borrowed data can be a result.
#[mpp_sdk::data]
#[derive(Debug)]
struct Found<'a> {
    text: &'a str,
    #[serde(skip)]
    at: ::std::option::Option<::std::time::Instant>,
}

/// Find.
#[mpp_sdk::tool]
fn find(text: &str, shape: ::std::option::Option<Shape>) -> ::std::vec::Vec<Found<'_>> {
    let _ = shape;
    let found = Found { text, at: ::std::option::Option::None };
    let _ = found.at;
    ::std::vec![found]
}

fn main() {
    let names = mpp_sdk::tools![arguments, find, value, r#match, longest].names();
    assert_eq!(names, ["arguments", "find", "longest", "match", "value"]);
}
