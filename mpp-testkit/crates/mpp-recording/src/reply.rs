//! The reply of a mock.

use mpp_host::sandbox::network::{Response, TransportError};
use serde_json::Value;

/// The reply of a mock: a response, a failed connection, or [`Reply::pass`], which leaves the request to the next mock.
///
/// Many types convert into a reply:
///
/// ```
/// use mpp_host::sandbox::network::TransportError;
/// use mpp_recording::Reply;
/// use serde_json::json;
///
/// let _: Reply = json!([{ "name": "Ada" }]).into(); // status 200, application/json
/// let _: Reply = "plain text".into(); // status 200, text/plain
/// let _: Reply = 404.into(); // a status without a body
/// let _: Reply = (503, json!({ "error": "busy" })).into(); // a status and a body
/// let _: Reply = Reply::status(429).retry_after(2);
/// let _: Reply = TransportError::Timeout.into(); // no response
/// let _: Reply = None::<Reply>.into(); // the next mock is asked
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(Option<Result<Response, TransportError>>);

impl Reply {
    /// A response with this status and no body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(Some(Ok(Response::new(status, ""))))
    }

    /// A response with status 200 and a JSON body.
    #[must_use]
    pub fn json(value: impl Into<Value>) -> Self {
        Self::status(200).body(value.into().to_string()).header("content-type", "application/json")
    }

    /// A response with status 200 and a text body.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::status(200).body(text.into()).header("content-type", "text/plain; charset=utf-8")
    }

    /// A response with status 200 and an HTML body.
    #[must_use]
    pub fn html(html: impl Into<String>) -> Self {
        Self::status(200).body(html.into()).header("content-type", "text/html")
    }

    /// A response with status 200 and a binary body.
    #[must_use]
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(bytes).header("content-type", "application/octet-stream")
    }

    /// A response with status 302 and a `Location` header. The host checks the location as it checks any request.
    #[must_use]
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).header("location", location)
    }

    /// Leaves the request to the next mock.
    #[must_use]
    pub fn pass() -> Self {
        Self(None)
    }

    /// Sets the status.
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

    /// Adds a `Retry-After` header, in whole seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header("retry-after", seconds.to_string())
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        if let Some(Ok(response)) = &mut self.0 {
            response.body = body.into();
        }
        self
    }

    /// Returns the response or failed connection; `None` where the request is left to the next mock.
    #[must_use]
    pub fn into_answer(self) -> Option<Result<Response, TransportError>> {
        self.0
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
