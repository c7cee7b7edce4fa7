/// Look up a customer.
#[mpp_sdk::tool(parameters = "schemas/lookup.json")]
fn lookup(query: String) -> String {
    query
}

fn main() {}
