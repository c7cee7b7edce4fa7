/// Look up a customer.
#[mpp_sdk::tool(security_level = "Meduim")]
fn lookup(query: String) -> String {
    query
}

fn main() {}
