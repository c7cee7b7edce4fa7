//! HTTP exchanges of a recording.

use std::net::IpAddr;

use mpp_host::sandbox::network::{Request, Response, TransportError, WireFailure, WireFault};
use serde::{Deserialize, Serialize};

use super::bytes::RecordedBytes;
use super::secrets::Markers;

/// The status that a tool receives for a connection that failed, as a number of `mpp_v1`.
const CONNECTION: i32 = -8;

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedExchange {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers, with those that the host adds.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: RecordedBytes,
    /// What came back.
    pub answer: RecordedAnswer,
}

/// What came back for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordedAnswer {
    /// A response.
    #[non_exhaustive]
    Response {
        /// The status code.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: RecordedBytes,
    },
    /// The request failed.
    Failure(RecordedFailure),
}

/// Why a request has no response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordedFailure {
    /// The host resolves to an address that is not allowed.
    Address(IpAddr),
    /// The server's certificate is not issued by a trusted authority.
    Untrusted,
    /// Another failure, with the status and the sentence that the tool received.
    #[non_exhaustive]
    Failed {
        /// The status, as a number of `mpp_v1`.
        status: i32,
        /// The sentence.
        sentence: String,
    },
}

impl RecordedExchange {
    pub(super) fn new(request: &Request, answer: &Result<Response, TransportError>, markers: &Markers) -> Self {
        let answer = match answer {
            Ok(response) => RecordedAnswer::Response {
                status: response.status,
                headers: hidden(&response.headers, markers),
                body: RecordedBytes::hidden(&response.body, markers),
            },
            Err(error) => RecordedAnswer::Failure(RecordedFailure::of(error, markers)),
        };
        Self {
            method: request.method.clone(),
            url: markers.hide_text(&request.url),
            headers: hidden(&request.headers, markers),
            body: RecordedBytes::hidden(&request.body, markers),
            answer,
        }
    }

    pub(super) fn is_valid(&self) -> bool {
        let answer = match &self.answer {
            RecordedAnswer::Response { status, body, .. } => {
                crate::STATUSES.contains(status) && body.to_bytes().is_some()
            }
            RecordedAnswer::Failure(_) => true,
        };
        answer && self.body.to_bytes().is_some()
    }

    /// Returns the first line of the request, for a reader.
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

impl RecordedAnswer {
    pub(super) fn again(&self, markers: &Markers) -> Result<Response, TransportError> {
        match self {
            Self::Response { status, headers, body } => {
                let mut response = Response::new(*status, body.revealed(markers));
                let reveal = |(name, value): &(String, String)| (name.clone(), markers.reveal_text(value));
                response.headers = headers.iter().map(reveal).collect();
                Ok(response)
            }
            Self::Failure(failure) => Err(TransportError::Wire(WireFailure::from(failure.again(markers)))),
        }
    }
}

impl RecordedFailure {
    fn of(error: &TransportError, markers: &Markers) -> Self {
        let failed = |status, sentence: &str| Self::Failed { status, sentence: markers.hide_text(sentence) };
        match error {
            TransportError::Wire(failure) => match failure.fault() {
                WireFault::Address(address) => Self::Address(address),
                WireFault::Untrusted => Self::Untrusted,
                WireFault::Failed { status, sentence } => failed(status, &sentence),
                other => failed(CONNECTION, &format!("{other:?}")),
            },
            other => failed(CONNECTION, &other.to_string()),
        }
    }

    fn again(&self, markers: &Markers) -> WireFault {
        match self {
            Self::Address(address) => WireFault::Address(*address),
            Self::Untrusted => WireFault::Untrusted,
            Self::Failed { status, sentence } => {
                WireFault::Failed { status: *status, sentence: markers.reveal_text(sentence) }
            }
        }
    }
}

fn hidden(headers: &[(String, String)], markers: &Markers) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.clone(), markers.hide_text(value))).collect()
}
