#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "not_found", message = "nobody matches {query")]
    NotFound { query: String },
}

fn main() {}
