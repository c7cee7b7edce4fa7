#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(transparent)]
    Other,
}

fn main() {}
