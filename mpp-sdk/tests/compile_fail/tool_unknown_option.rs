/// Look up a customer.
#[mpp_sdk::tool(timeout = 5)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
