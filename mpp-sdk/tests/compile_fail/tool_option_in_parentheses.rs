/// Look up a customer.
#[mpp_sdk::tool(title("Look up"))]
fn lookup(query: String) -> String {
    query
}

fn main() {}
