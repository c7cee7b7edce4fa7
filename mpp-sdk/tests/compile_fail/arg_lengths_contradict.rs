/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg(min_len = 10, max_len = 2)] query: String) -> String {
    query
}

fn main() {}
