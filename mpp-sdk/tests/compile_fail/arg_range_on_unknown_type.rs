type Limit = u8;

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(range = 1..=80)] limit: Limit) -> String {
    let _ = limit;
    query
}

fn main() {}
