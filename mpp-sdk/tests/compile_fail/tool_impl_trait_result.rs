/// Count up.
#[mpp_sdk::tool]
fn count(to: u8) -> impl Iterator<Item = u8> {
    0..to
}

fn main() {}
