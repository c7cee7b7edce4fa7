//! One mistake in an error type is one error, however often the type is used.
#[derive(Debug, mpp_sdk::ToolError)]
enum ReadError {
    #[error(code = "not_found")]
    NotFound,
    #[error(code = "io", message = "the file cannot be read")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Other(#[from] mpp_sdk::Error),
}

/// Read.
#[mpp_sdk::tool]
fn read(path: &str) -> Result<String, ReadError> {
    let text = std::fs::read_to_string(mpp_sdk::path(path)?)?;
    if text.is_empty() { Err(ReadError::NotFound) } else { Ok(text) }
}

fn shown(error: &ReadError) -> String {
    let source: Option<&dyn std::error::Error> = std::error::Error::source(error);
    format!("{error} {}", source.is_some())
}

fn main() {}
