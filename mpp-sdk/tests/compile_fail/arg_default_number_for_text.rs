/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg(default = 5)] query: &str) -> String {
    query.to_owned()
}

fn main() {}
