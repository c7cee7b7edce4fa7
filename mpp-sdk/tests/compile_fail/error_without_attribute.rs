#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    CrmDown,
}

fn main() {}
