//! References that would have to outlive the call.

/// Greet.
#[mpp_sdk::tool]
fn greet(name: &'static str, title: Option<&'static str>) -> String {
    format!("{name}{title:?}")
}

fn main() {}
