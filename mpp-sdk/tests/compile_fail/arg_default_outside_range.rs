/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(default = 500, range = 1..=100)] limit: u16) -> String {
    let _ = limit;
    query
}

fn main() {}
