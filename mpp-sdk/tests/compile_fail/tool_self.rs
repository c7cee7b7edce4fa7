struct Crm;

impl Crm {
    /// Look up a customer.
    #[mpp_sdk::tool]
    fn lookup(&self, query: String) -> String {
        query
    }
}

fn main() {}
