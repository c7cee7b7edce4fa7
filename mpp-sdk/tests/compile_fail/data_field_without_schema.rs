//! A type of another crate, which has no `JsonSchema`.
mod other_crate {
    #[derive(mpp_sdk::serde::Serialize, mpp_sdk::serde::Deserialize)]
    pub struct Timestamp(u64);
}

#[mpp_sdk::data]
struct Entry {
    text: String,
    at: other_crate::Timestamp,
}

fn main() {}
