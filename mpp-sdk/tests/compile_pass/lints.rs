//! Generated code needs no permission that the author forbids, and has the ones that the author gives. (serde's own derives need
//! some, so there is no `#[mpp_sdk::data]` here.)
#![forbid(unsafe_code, unused_imports, non_camel_case_types, unused_qualifications, unused_variables, missing_docs)]
#![deny(warnings, deprecated, non_snake_case)]

/// What a tool is called does not matter.
#[mpp_sdk::tool]
fn look_up(
    /// An option.
    limit: Option<u8>,
    #[arg(default = 3, range = 1..=9)] value: u8,
) -> String {
    format!("{limit:?} {value}")
}

/// Of old.
#[mpp_sdk::tool]
#[deprecated = "use `look_up`"]
fn old() -> u8 {
    limit()
}

/// Of old, on some systems.
#[mpp_sdk::tool]
#[cfg_attr(all(), deprecated)]
fn older() -> Result<u8, mpp_sdk::Error> {
    Ok(limit())
}

/// Its default is of old.
#[mpp_sdk::tool]
#[expect(deprecated, reason = "the default")]
fn with_default(#[arg(default = of_old())] limit: u8) -> u8 {
    limit + of_old()
}

/// A name of another language.
#[mpp_sdk::tool]
#[allow(non_snake_case, reason = "the published name")]
fn LookUp() {}

fn limit() -> u8 {
    3
}

#[deprecated]
fn of_old() -> u8 {
    1
}

fn main() {
    let names = mpp_sdk::private::annotated().names();
    assert_eq!(names, ["LookUp", "look_up", "old", "older", "with_default"]);
}
