#[derive(Debug)]
struct NotFound;

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String) -> Result<String, NotFound> {
    if query.is_empty() { Err(NotFound) } else { Ok(query) }
}

fn main() {}
