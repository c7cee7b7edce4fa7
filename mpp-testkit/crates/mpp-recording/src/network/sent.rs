//! A request that a tool has sent.

use mpp_host::sandbox::network::{Request, Response, TransportError};

use super::failure::request_text;
use crate::masks::Masks;

/// A request that a tool has sent, and its outcome.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SentRequest {
    /// The request as it was sent, with the headers that the host injected. It may contain secrets.
    pub request: Request,
    /// The status of the response, or the reason why there was none.
    pub outcome: Result<u16, String>,
}

impl SentRequest {
    pub(crate) fn new(request: Request, answer: &Result<Response, TransportError>) -> Self {
        let outcome = match answer {
            Ok(response) => Ok(response.status),
            Err(error) => Err(error.to_string()),
        };
        Self { request, outcome }
    }

    /// Formats the request: the first line, headers, body. Secrets are masked.
    #[must_use]
    pub fn text(&self, masks: &Masks) -> String {
        request_text(&self.request, masks)
    }
}
