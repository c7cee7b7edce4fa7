/// Delete a customer.
#[mpp_sdk::tool(read_only, destructive)]
fn delete(id: u32) {
    let _ = id;
}

fn main() {}
