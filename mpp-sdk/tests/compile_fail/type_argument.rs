struct Filter {
    company: String,
}

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, filter: Filter) -> String {
    let _ = filter.company;
    query
}

fn main() {}
