//! HTTP requests to the hosts that the manifest declares.
//!
//! ```no_run
//! # fn main() -> Result<(), mpp_sdk::Error> {
//! use mpp_sdk::http;
//!
//! #[mpp_sdk::data]
//! struct Customer { name: String, company: String }
//!
//! let found: Vec<Customer> = http::get("https://api.crm.example/v1/customers")
//!     .query("q", "ada")
//!     .query("limit", 10)
//!     .bearer_auth(mpp_sdk::env("CRM_API_KEY")?)
//!     .send()?
//!     .error_for_status()?
//!     .json()?;
//! # Ok(()) }
//! ```
//!
//! In `Cargo.toml`, under `[package.metadata.mpp.capabilities]`: `network = ["api.crm.example"]`.
//!
//! The host sends the request over HTTP/1.1 or HTTP/2 and reuses connections between calls. It follows redirects, and
//! checks the target of each one against the declared hosts. [`Error`] tells what failed and whether a retry may help.

mod encode;
mod error;
mod request;
mod response;

pub use error::{Error, ErrorKind};
pub use request::Request;
pub use response::Response;

/// Creates a `GET` request.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// let page = mpp_sdk::http::get("https://www.example.com/").send()?.error_for_status()?.text()?;
/// # Ok(()) }
/// ```
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// Creates a `POST` request.
///
/// ```no_run
/// # use mpp_sdk::serde_json::json;
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// let response = mpp_sdk::http::post("https://api.crm.example/v1/notes").json(&json!({ "text": "called" })).send()?;
/// assert_eq!(response.status(), 201);
/// # Ok(()) }
/// ```
pub fn post(url: impl Into<String>) -> Request {
    request("POST", url)
}

/// Creates a `PUT` request.
pub fn put(url: impl Into<String>) -> Request {
    request("PUT", url)
}

/// Creates a `PATCH` request.
pub fn patch(url: impl Into<String>) -> Request {
    request("PATCH", url)
}

/// Creates a `DELETE` request.
pub fn delete(url: impl Into<String>) -> Request {
    request("DELETE", url)
}

/// Creates a request with any method except `CONNECT` and `TRACE`. The URL must be absolute.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request::new(method.into(), url.into())
}
