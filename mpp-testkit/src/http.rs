//! What stands in for the network of a tool under test: replies, and the trait behind them.

pub use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};

pub use crate::mock_http::{Found, Reply, Requests, Sent};
