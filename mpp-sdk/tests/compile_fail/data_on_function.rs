#[mpp_sdk::data]
fn lookup(query: String) -> String {
    query
}

fn main() {}
