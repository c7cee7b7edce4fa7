//! HTTP requests, to the hosts that the manifest declares.
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
//!     .bearer(mpp_sdk::env("CRM_API_KEY")?)
//!     .send()?
//!     .ok()?
//!     .json()?;
//! # Ok(()) }
//! ```
//!
//! In `Cargo.toml`, under `[package.metadata.mpp.capabilities]`: `network = ["api.crm.example"]`.
//!
//! The host sends the request, over HTTP/1.1 or 2, and keeps connections between calls; redirects are followed by it, each
//! checked like a request of its own. [`Error`] says what went wrong, and whether trying again may help.

mod encode;
mod error;
mod request;
mod response;

pub use error::{Error, ErrorKind};
pub use request::Request;
pub use response::Response;

/// A `GET` request.
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// A `POST` request.
pub fn post(url: impl Into<String>) -> Request {
    request("POST", url)
}

/// A `PUT` request.
pub fn put(url: impl Into<String>) -> Request {
    request("PUT", url)
}

/// A `PATCH` request.
pub fn patch(url: impl Into<String>) -> Request {
    request("PATCH", url)
}

/// A `DELETE` request.
pub fn delete(url: impl Into<String>) -> Request {
    request("DELETE", url)
}

/// A request with any method but `CONNECT` and `TRACE`, to an absolute URL.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request::new(method.into(), url.into())
}
