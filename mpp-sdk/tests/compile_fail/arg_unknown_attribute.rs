/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[inline] query: String) -> String {
    query
}

fn main() {}
