//! Webhooks: addresses to which a monitor sends its reports.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use mpp_host::codes::{Code, Coded};
use url::{Position, Url};

use crate::client::{HttpError, HttpOptions, HttpTransport, Request, Transport as _, TransportError};
use crate::codes;

/// The error returned when a report cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The address is not valid, or plain HTTP would leave this machine.
    #[error(transparent)]
    Address(#[from] HttpError),
    /// The web server cannot be reached.
    #[error("the report cannot be sent to `{url}`")]
    Send {
        /// The address.
        url: String,
        /// The fault.
        source: TransportError,
    },
    /// The web server did not accept the report.
    #[error("`{url}` answers {status} to the report")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: StatusCode,
    },
}

impl Coded for WebhookError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Address(error) => error.code(),
            Self::Send { .. } | Self::Status { .. } => &codes::N510,
        }
    }
}

/// An address to which reports are sent.
#[derive(Debug)]
pub struct Webhook {
    transport: HttpTransport,
    path: String,
    url: String,
}

impl Webhook {
    /// Prepares an address; nothing is sent yet.
    ///
    /// # Errors
    /// Returns [`WebhookError::Address`] if the URL is not valid, or if it is plain HTTP to another machine.
    pub fn new(url: &str) -> Result<Self, WebhookError> {
        // What is not a URL is refused by the transport, with the reason.
        let parsed = Url::parse(url).ok();
        let (base, path) = parsed
            .as_ref()
            .map_or((url, "/"), |url| (&url[..Position::BeforePath], &url[Position::BeforePath..Position::AfterQuery]));
        let transport = HttpTransport::new(base, &HttpOptions::default())?;
        Ok(Self { transport, path: path.to_owned(), url: url.to_owned() })
    }

    /// Sends a JSON document.
    ///
    /// # Errors
    /// Returns [`WebhookError`] if the web server cannot be reached or does not answer with success.
    pub async fn send(&self, json: &[u8]) -> Result<(), WebhookError> {
        let mut request = Request::send(Method::POST, self.path.clone(), json.to_vec());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let failed = |source| WebhookError::Send { url: self.url.clone(), source };
        let status = self.transport.send(request, None).await.map_err(failed)?.status;
        match status.is_success() {
            true => Ok(()),
            false => Err(WebhookError::Status { url: self.url.clone(), status }),
        }
    }
}
