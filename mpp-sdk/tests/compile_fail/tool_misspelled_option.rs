/// Look up a customer.
#[mpp_sdk::tool(readonly)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
