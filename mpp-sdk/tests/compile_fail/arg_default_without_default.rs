#[mpp_sdk::data]
struct Filter {
    company: String,
}

/// Look up a customer.
#[mpp_sdk::tool]
fn lookup(query: String, #[arg(default)] filter: Filter) -> String {
    let _ = filter.company;
    query
}

fn main() {}
