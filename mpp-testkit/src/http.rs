//! Types for HTTP mocks: replies, requests, and the transport that carries them.

pub use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
pub use mpp_recording::{Reply, SentRequest};

pub use crate::mock_http::requests::{FoundRequest, Requests};
