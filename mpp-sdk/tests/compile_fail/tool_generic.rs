/// Look up anything.
#[mpp_sdk::tool]
fn lookup<T: AsRef<str>>(query: T) -> String {
    query.as_ref().to_owned()
}

fn main() {}
