/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(pattern = "[0-9]+")] id: u32) -> String {
    let _ = id;
    query
}

fn main() {}
