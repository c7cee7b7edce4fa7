/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg(examples = "Ada")] query: String) -> String {
    query
}

fn main() {}
