/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[cfg(windows)] limit: u8) -> String {
    query
}

fn main() {}
