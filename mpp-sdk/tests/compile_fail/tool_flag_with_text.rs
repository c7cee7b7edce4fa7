/// Look up a customer.
#[mpp_sdk::tool(read_only = "yes")]
fn lookup(query: String) -> String {
    query
}

fn main() {}
