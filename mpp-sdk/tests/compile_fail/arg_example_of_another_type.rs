/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(example = "ten")] limit: u8) -> String {
    let _ = limit;
    query
}

fn main() {}
