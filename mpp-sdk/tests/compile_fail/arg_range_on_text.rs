/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg(range = 1..=80)] query: String) -> String {
    query
}

fn main() {}
