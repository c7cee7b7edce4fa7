//! HTTP mocks of a test: the builder's methods, and assertions about the requests that were sent.

mod builder;
pub(crate) mod failures;
pub(crate) mod requests;
