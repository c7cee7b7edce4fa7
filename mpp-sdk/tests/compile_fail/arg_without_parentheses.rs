/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg] query: String) -> String {
    query
}

fn main() {}
