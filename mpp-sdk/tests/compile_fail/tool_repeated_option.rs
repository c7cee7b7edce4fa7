/// Look up a customer.
#[mpp_sdk::tool(read_only, title = "Look up", read_only)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
