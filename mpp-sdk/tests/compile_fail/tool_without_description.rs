#[mpp_sdk::tool]
fn lookup(query: String) -> String {
    query
}

fn main() {}
