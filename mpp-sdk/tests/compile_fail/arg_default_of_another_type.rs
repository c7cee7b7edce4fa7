const LIMIT: &str = "10";

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(default = LIMIT)] limit: u8) -> String {
    let _ = limit;
    query
}

fn main() {}
