#[mpp_sdk::data(opened)]
struct Customer {
    name: String,
}

fn main() {}
