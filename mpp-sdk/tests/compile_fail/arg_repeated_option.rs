/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(
    #[arg(min_len = 1)]
    #[arg(min_len = 2)]
    query: String,
) -> String {
    query
}

fn main() {}
