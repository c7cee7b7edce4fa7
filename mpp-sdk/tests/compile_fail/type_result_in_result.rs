struct Customer {
    name: String,
}

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String) -> Result<Vec<Customer>, mpp_sdk::Error> {
    Ok(vec![Customer { name: query }])
}

fn main() {}
