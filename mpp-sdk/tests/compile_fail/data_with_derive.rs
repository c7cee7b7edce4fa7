#[mpp_sdk::data]
#[derive(Debug, mpp_sdk::serde::Serialize, mpp_sdk::schemars::JsonSchema)]
struct Customer {
    name: String,
}

fn main() {}
