/// Join words.
#[mpp_sdk::tool]
fn join(words: &[&str]) -> String {
    words.join(" ")
}

fn main() {}
