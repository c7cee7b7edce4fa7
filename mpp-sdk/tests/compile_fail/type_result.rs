struct Customer {
    name: String,
}

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String) -> Customer {
    Customer { name: query }
}

fn main() {}
