//! `Reply`: what a mock answers, made of whatever is at hand.

use mpp_host::sandbox::network::{Response, TransportError};
use serde_json::Value;

/// What a mock answers: a response, a failure of the connection, or that the request is not this mock's.
///
/// Whatever a closure gives is turned into one:
///
/// ```
/// use mpp_testkit::http::{Reply, TransportError};
/// use serde_json::json;
///
/// let _: Reply = json!([{ "name": "Ada" }]).into(); // 200, application/json
/// let _: Reply = "as it is".into(); // 200, text/plain
/// let _: Reply = 404.into(); // a status without a body
/// let _: Reply = (503, json!({ "error": "busy" })).into(); // a status and a body
/// let _: Reply = Reply::status(429).retry_after(2);
/// let _: Reply = TransportError::Timeout.into(); // no answer at all
/// let _: Reply = None::<Reply>.into(); // not mine: the next mock is asked
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(pub(crate) Option<Result<Response, TransportError>>);

impl Reply {
    /// A status without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(Some(Ok(Response { status, ..Response::default() })))
    }

    /// Status 200 and a value as JSON.
    #[must_use]
    pub fn json(value: impl Into<Value>) -> Self {
        Self::status(200).body(value.into().to_string()).header("content-type", "application/json")
    }

    /// Status 200 and text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::status(200).body(text.into()).header("content-type", "text/plain; charset=utf-8")
    }

    /// Status 200 and bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(bytes).header("content-type", "application/octet-stream")
    }

    /// Status 302 and the place to go on at; the host checks it as it checks any other.
    #[must_use]
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).header("location", location)
    }

    /// Not this mock's request: the next one is asked.
    #[must_use]
    pub fn pass() -> Self {
        Self(None)
    }

    /// Another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        if let Some(Ok(response)) = &mut self.0 {
            response.status = status;
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Some(Ok(response)) = &mut self.0 {
            response.headers.push((name.into().to_ascii_lowercase(), value.into()));
        }
        self
    }

    /// Adds `Retry-After`, in whole seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header("retry-after", seconds.to_string())
    }

    /// Another body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        if let Some(Ok(response)) = &mut self.0 {
            response.body = body.into();
        }
        self
    }
}

impl From<u16> for Reply {
    fn from(status: u16) -> Self {
        Self::status(status)
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::json(value)
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Vec<u8>> for Reply {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self(Some(Ok(response)))
    }
}

impl From<TransportError> for Reply {
    fn from(error: TransportError) -> Self {
        Self(Some(Err(error)))
    }
}

impl<T: Into<Reply>> From<(u16, T)> for Reply {
    fn from((status, body): (u16, T)) -> Self {
        body.into().with_status(status)
    }
}

impl<T: Into<Reply>> From<Result<T, TransportError>> for Reply {
    fn from(result: Result<T, TransportError>) -> Self {
        result.map_or_else(Self::from, Into::into)
    }
}

impl<T: Into<Reply>> From<Option<T>> for Reply {
    fn from(reply: Option<T>) -> Self {
        reply.map_or_else(Self::pass, Into::into)
    }
}
