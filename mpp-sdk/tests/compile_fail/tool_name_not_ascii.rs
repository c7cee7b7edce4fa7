/// Look up a customer.
#[mpp_sdk::tool]
fn naïve(query: String) -> String {
    query
}

fn main() {}
