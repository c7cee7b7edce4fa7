/// Look up anything.
#[mpp_sdk::tool]
fn lookup(query: impl AsRef<str>) -> String {
    query.as_ref().to_owned()
}

fn main() {}
