#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "book", message = "the book could not be read")]
    Book(#[from] std::io::Error),
    #[error(code = "index", message = "the index could not be read")]
    Index(#[from] std::io::Error),
}

fn main() {}
