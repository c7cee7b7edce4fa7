/// Parse a number.
#[mpp_sdk::tool]
fn parse(text: &str) -> Result<u8, mpp_sdk::Error> {
    Ok(text.parse()?)
}

fn main() {}
