#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "book", message = "`{1}` could not be read")]
    Book(#[from] std::io::Error, String),
}

fn main() {}
