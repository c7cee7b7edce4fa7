/// Look up a customer.
#[mpp_sdk::tool(name = "crm.look up")]
fn lookup(query: String) -> String {
    query
}

fn main() {}
