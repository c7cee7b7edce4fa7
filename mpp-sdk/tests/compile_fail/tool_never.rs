/// Wait for ever.
#[mpp_sdk::tool]
fn wait() -> ! {
    loop {}
}

fn main() {}
