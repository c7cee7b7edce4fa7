/// The first numbers.
#[mpp_sdk::tool]
fn first<const N: usize>(numbers: Vec<u8>) -> Vec<u8> {
    numbers.into_iter().take(N).collect()
}

fn main() {}
