/// A customer.
#[mpp_sdk::tool]
struct Customer {
    name: String,
}

fn main() {}
