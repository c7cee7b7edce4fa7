/// Look up a customer.
#[mpp_sdk::tool(title, security_level =)]
fn lookup(query: String) -> String {
    query
}

fn main() {}
