#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(transparent, code = "other")]
    Other(mpp_sdk::Error),
}

fn main() {}
