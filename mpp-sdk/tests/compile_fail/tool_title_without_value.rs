/// Look up a customer.
#[mpp_sdk::tool(title, description)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
