//! A definition of another crate's type.
#[mpp_sdk::data]
#[serde(remote = "std::time::Duration")]
struct DurationDef {
    #[serde(getter = "std::time::Duration::as_secs")]
    secs: u64,
}

#[mpp_sdk::data]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Name,
}

fn main() {}
