/// Look up a customer.
#[mpp_sdk::tool(name = lookup_customer)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
