//! Errors of every shape.
#![deny(warnings)]

use std::error::Error as _;

#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "not_found", message = "nobody matches `{query}` on page {page:>3}; {{try}} another")]
    NotFound { query: String, page: u8 },
    #[error(code = "crm_down", retryable, message = "the CRM answered {0}, twice {0:?}")]
    CrmDown(u16),
    #[error(code = "book", message = "the book could not be read")]
    Book(#[from] std::io::Error),
    #[error(code = "number", message = "`{text}` is not a number")]
    Number { text: String, #[source] source: std::num::ParseIntError },
    #[error(transparent)]
    Other(#[from] mpp_sdk::Error),
    #[error(transparent)]
    Inner { f: InnerError },
}

#[derive(Debug, mpp_sdk::ToolError)]
#[error(code = "inner", message = "inner {f}")]
struct InnerError {
    f: u8,
}

#[derive(Debug, mpp_sdk::ToolError)]
enum Generic<T: std::fmt::Debug + std::fmt::Display> {
    #[error(code = "wrong", message = "wrong: {0}")]
    Wrong(T),
}

/// Uses all error types.
#[mpp_sdk::tool]
fn lookup(n: &str) -> Result<u8, LookupError> {
    n.parse().map_err(|source| LookupError::Number { text: n.to_owned(), source })
}

fn main() {
    let error: mpp_sdk::Error = LookupError::NotFound { query: "x".into(), page: 2 }.into();
    assert_eq!((error.code(), error.message()), ("not_found", "nobody matches `x` on page   2; {try} another"));
    let error: mpp_sdk::Error = LookupError::CrmDown(503).into();
    assert!(error.is_retryable() && error.message() == "the CRM answered 503, twice 503");
    let error = LookupError::from(std::io::Error::other("secret path"));
    assert_eq!(error.to_string(), "the book could not be read");
    assert_eq!(error.source().unwrap().to_string(), "secret path");
    let error = lookup("x").unwrap_err();
    assert_eq!(error.to_string(), "`x` is not a number");
    assert!(error.source().is_some());
    let error: mpp_sdk::Error = LookupError::Inner { f: InnerError { f: 3 } }.into();
    assert_eq!((error.code(), error.message()), ("inner", "inner 3"));
    let error: mpp_sdk::Error = LookupError::Other(mpp_sdk::Error::new("a", "b").retryable()).into();
    assert!(error.code() == "a" && error.is_retryable());
    let error: mpp_sdk::Error = Generic::Wrong(5).into();
    assert_eq!(error.message(), "wrong: 5");
}
