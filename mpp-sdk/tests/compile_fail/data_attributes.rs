//! Attributes that would make a type differ from its published schema.
use std::time::Duration;

#[mpp_sdk::data]
#[serde(tag = "type")]
struct Tagged {
    a: u8,
}

#[mpp_sdk::data]
struct Short(u8, #[serde(alias = "second")] u8, #[serde(default)] u8);

#[mpp_sdk::data]
#[serde(default)]
#[derive(Default)]
struct Shorter(u8, u8);

#[mpp_sdk::data]
struct Converted {
    #[serde(with = "seconds")]
    wait: Duration,
    #[serde(deserialize_with = "seconds::deserialize", serialize_with = "seconds::optional")]
    #[schemars(with = "Option<u64>")]
    limit: Option<Duration>,
}

#[mpp_sdk::data]
#[serde(tag = "kind")]
enum Event {
    Push,
    #[serde(other)]
    Unknown,
}

#[mpp_sdk::data]
#[serde(untagged)]
enum Either {
    #[serde(alias = "B")]
    A(u8),
}

#[mpp_sdk::data]
struct Renamed {
    #[schemars(rename = "b")]
    a: u8,
    #[cfg_attr(unix, serde(rename = "d"))]
    c: u8,
}

#[mpp_sdk::data]
#[serde(crate = "mpp_sdk::serde")]
struct Elsewhere {
    a: u8,
}

fn main() {}
