//! Registries that are followed: their files over a transport, and what a pinned root key says about their log.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::StatusCode;
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::client::{Request, Transport};
use crate::codes;
use crate::log::{CheckpointError, Files, SignedCheckpoint};
use crate::note::{Algorithm, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::{Origin, ProtocolError, Signed, paths};

/// The largest file: a package of the largest size that the format allows.
const LARGEST: usize = 100 << 20;

/// Reads the files of a registry through a transport.
#[derive(Debug, Clone)]
pub struct Upstream {
    transport: Arc<dyn Transport>,
}

impl Upstream {
    /// Creates a reader.
    #[must_use]
    pub const fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, BoxedError> {
        let response = self.transport.send(Request::get(format!("/{path}")), None).await?;
        match response.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status => return Err(format!("`{}` answers {status}", self.transport.url()).into()),
        }
        let (mut bytes, mut parts) = (BytesMut::new(), response.body);
        while let Some(part) = parts.next().await {
            let part = part?;
            if bytes.len() + part.len() > LARGEST {
                return Err(format!("`{path}` has more than {LARGEST} bytes").into());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Some(bytes.freeze()))
    }
}

impl Files for Upstream {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        Box::pin(self.get(path))
    }
}

/// The error returned when the description or the checkpoint of a registry cannot be read or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// A file cannot be fetched.
    #[error("`{path}` cannot be fetched from the registry")]
    Read {
        /// The place of the file.
        path: &'static str,
        /// The reason; `None` if there is no such file.
        source: Option<BoxedError>,
    },
    /// The description is malformed, not signed by the root key, or belongs to another registry.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The checkpoint is malformed, or not signed by the log key.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Coded for UpstreamError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Read { .. } => &codes::N508,
            Self::Protocol(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
        }
    }
}

/// What a registry says about itself now.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Current {
    /// The description, which the root key has signed.
    pub description: Signed<WellKnown>,
    /// The checkpoint, which the log key of the description has signed.
    pub checkpoint: SignedCheckpoint,
}

/// Reads and verifies the description of the registry with this root key, and its checkpoint. Whether the checkpoint extends an
/// earlier one is for the caller to check.
///
/// # Errors
/// Returns [`UpstreamError`] if one of them cannot be read or verified.
pub async fn look(files: &dyn Files, root_key: &VerifierKey) -> Result<Current, UpstreamError> {
    let bytes = read(files, paths::WELL_KNOWN).await?;
    let description = Signed::<WellKnown>::verify(&bytes, root_key.key())?;
    Origin::parse(root_key.name())?.check("the description of the registry", &description.value().registry)?;
    let log = VerifierKey::new(root_key.name(), Algorithm::Ed25519, description.value().log_key);
    let log = log.map_err(CheckpointError::from)?;
    let checkpoint = SignedCheckpoint::open(&read(files, paths::CHECKPOINT).await?, &log)?;
    Ok(Current { description, checkpoint })
}

async fn read(files: &dyn Files, path: &'static str) -> Result<Bytes, UpstreamError> {
    let bytes = files.read(path).await.map_err(|error| UpstreamError::Read { path, source: Some(error) })?;
    bytes.ok_or(UpstreamError::Read { path, source: None })
}
