#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {}

fn main() {}
