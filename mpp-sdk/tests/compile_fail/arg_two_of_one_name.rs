/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(name = "query")] text: String) -> String {
    query + &text
}

fn main() {}
