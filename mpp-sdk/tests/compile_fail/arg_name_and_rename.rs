/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(#[arg(name = "q", rename = "query")] text: String) -> String {
    text
}

fn main() {}
