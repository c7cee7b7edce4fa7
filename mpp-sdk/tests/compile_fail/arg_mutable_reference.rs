/// Sort a list.
#[mpp_sdk::tool]
fn sort(list: &mut Vec<u8>) -> Vec<u8> {
    list.sort();
    list.clone()
}

fn main() {}
