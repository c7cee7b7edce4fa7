/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[serde(rename = "q")] query: String) -> String {
    query
}

fn main() {}
