/// Look up a customer.
#[mpp_sdk::tool]
async fn lookup(query: String) -> String {
    query
}

fn main() {}
