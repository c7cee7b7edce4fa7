//! Requests that were not expected.

use std::fmt::Write as _;

use mpp_host::codes::{Code, Coded};
use mpp_host::sandbox::network::Request;

use crate::codes;
use crate::fixture::Exchange;
use crate::masks::Masks;
use crate::mock::counted_replies;

/// Number of characters of a body that are shown.
const LONGEST_BODY: usize = 4096;

/// A request that the prepared network could not answer, or an answer that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MockFailure {
    /// No mock answers a request.
    #[error("no mock answers the request `{} {}`", .0.method, .0.url)]
    Unanswered(Box<UnansweredRequest>),
    /// A sequence has no reply left.
    #[error("the sequence for `{host}` has {}, and this is request {number}", counted_replies(*replies))]
    Exhausted {
        /// The host of the sequence.
        host: String,
        /// Number of replies in the sequence.
        replies: usize,
        /// Number of the request, counted from 1.
        number: usize,
        /// The request as text, with secrets masked.
        request: String,
    },
    /// A mock returned a status outside 100 to 599.
    #[error("{mock} returned the status {status}; expected 100 to 599")]
    InvalidStatus {
        /// The mock, as a noun phrase.
        mock: String,
        /// The status.
        status: u16,
    },
}

impl Coded for MockFailure {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unanswered(_) => &codes::R610,
            Self::Exhausted { .. } => &codes::R611,
            Self::InvalidStatus { .. } => &codes::R612,
        }
    }
}

/// A request that no mock answers. Secrets are masked in all fields.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnansweredRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The host, as a mock for it would name it.
    pub host: String,
    /// The request as text: the first line, headers, body.
    pub request: String,
    /// The mocks that were asked, in order.
    pub tried: Vec<TriedMock>,
    /// An exchange for a fixture that would answer the request, as JSON text.
    pub fixture_exchange: String,
}

/// A mock that did not answer a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TriedMock {
    /// The mock, as a noun phrase.
    pub mock: String,
    /// The reason.
    pub reason: String,
    /// Whether the mock is a fixture, which can be recorded again.
    pub is_fixture: bool,
}

impl UnansweredRequest {
    pub(crate) fn new(request: &Request, tried: Vec<TriedMock>, masks: &Masks) -> Self {
        Self {
            method: request.method.clone(),
            url: masks.hide(&request.url),
            host: request.host().to_owned(),
            request: request_text(request, masks),
            tried,
            fixture_exchange: Exchange::template(request, masks),
        }
    }
}

/// Formats a request as it went over the wire, with secrets masked.
pub(crate) fn request_text(request: &Request, masks: &Masks) -> String {
    let mut text = format!("{} {}\n", request.method, masks.hide(&request.url));
    for (name, value) in &request.headers {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {}", masks.header(name, value));
    }
    if !request.body.is_empty() {
        let _ = write!(text, "\n{}", body_text(&request.body, masks));
    }
    text
}

fn body_text(bytes: &[u8], masks: &Masks) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return format!("({} bytes of binary data)", bytes.len()) };
    let text = masks.hide(text);
    match text.char_indices().nth(LONGEST_BODY) {
        None => text,
        Some((end, _)) => format!("{}… ({} bytes in total)", &text[..end], bytes.len()),
    }
}
