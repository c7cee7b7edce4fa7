/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(default = "yes")] exact: bool) -> String {
    let _ = exact;
    query
}

fn main() {}
