//! Copies of a registry: everything that clients read, verified, with the checkpoint after what it promises.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use super::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use super::commit;
use super::derived::{Derived, Forwards, order};
use super::error::LogError;
use super::files::Files;
use super::log_copy::{LogCopy, LogCopyError};
use super::proof;
use super::references::{Reference, References};
use crate::codes;
use crate::note::{Note, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::paths::{CHECKPOINT, WELL_KNOWN};
use crate::protocol::{Digest, ProtocolError, SignedFile as _};
use crate::store::{Store, StoreError, Updated};

/// The number of objects that are copied at the same time.
const AT_ONCE: usize = 8;
/// The number of attempts to copy a registry that changes meanwhile.
const ROUNDS: u32 = 5;

/// The error returned when a registry cannot be copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The log of the source cannot be read or verified.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The destination cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the source cannot be read.
    #[error("`{path}` cannot be read from the source")]
    Read {
        /// The place of the file.
        path: String,
        /// The reason; `None` if there is no such file.
        source: Option<BoxedError>,
    },
    /// An object of the source is not what the log says.
    #[error("`{path}` of the source has another hash or size than its leaf says")]
    Object {
        /// The place of the object.
        path: String,
    },
    /// The source changed faster than it could be copied.
    #[error("the source changes faster than it can be copied")]
    Busy,
}

impl From<CheckpointError> for CopyError {
    fn from(error: CheckpointError) -> Self {
        Self::Log(error.into())
    }
}

impl From<super::ProofError> for CopyError {
    fn from(error: super::ProofError) -> Self {
        Self::Log(error.into())
    }
}

impl From<LogCopyError> for CopyError {
    fn from(error: LogCopyError) -> Self {
        match error {
            LogCopyError::Log(error) => Self::Log(error),
            LogCopyError::Store(error) => Self::Store(error),
        }
    }
}

impl Coded for CopyError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Log(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Read { .. } | Self::Busy => &codes::N137,
            Self::Object { .. } => &codes::N138,
        }
    }
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The size of the log.
    pub leaves: u64,
    /// The number of files that were written.
    pub files: u64,
}

/// Copies everything that clients read from `source` to `destination`: the log up to its checkpoint, objects, and derived files.
/// What is there already is not copied again, so that a copy can be brought up to date. Everything is verified; the checkpoint is
/// written after the tiles and objects that it promises, and derived files after the checkpoint that they reflect.
///
/// # Errors
/// Returns [`CopyError`] if the source cannot be read or verified, or if the destination cannot be written or has another log.
pub async fn copy(source: &dyn Files, destination: &Store, log: &VerifierKey) -> Result<Copied, CopyError> {
    let (mut copied, mut leaves) = (Copied::default(), LogCopy::default());
    for _ in 0..ROUNDS {
        let bytes = read(source, CHECKPOINT).await?;
        let signed = SignedCheckpoint::open(&bytes, log)?;
        copied.leaves = signed.checkpoint().size;
        copied.files += leaves.advance(source, destination, signed.checkpoint()).await?;
        copy_objects(source, destination, leaves.references(), &mut copied).await?;
        copied.files += u64::from(publish(destination, &signed).await?);
        if copy_derived(source, destination, leaves.references(), copied.leaves, &mut copied).await? {
            return Ok(copied);
        }
    }
    Err(CopyError::Busy)
}

/// Copies the commit objects, which belong to a backup and not to a public copy.
///
/// # Errors
/// Returns [`CopyError`] if the source cannot be read or the destination cannot be written.
pub async fn copy_commits(source: &Store, destination: &Store) -> Result<u64, CopyError> {
    let mut copied = 0;
    let mut commits = source.list(commit::FOLDER);
    while let Some(listed) = commits.try_next().await? {
        if destination.head(&listed.path).await?.is_none() {
            destination.put(&listed.path, read(source, &listed.path).await?).await?;
            copied += 1;
        }
    }
    Ok(copied)
}

async fn read(files: &dyn Files, path: &str) -> Result<bytes::Bytes, CopyError> {
    let failed = |source| CopyError::Read { path: path.to_owned(), source };
    let bytes = files.read(path).await.map_err(|error| failed(Some(error)))?;
    bytes.ok_or_else(|| failed(None))
}

async fn copy_objects(
    source: &dyn Files,
    destination: &Store,
    references: &References,
    copied: &mut Copied,
) -> Result<(), CopyError> {
    let required = references.required().map(|object| (object, true));
    let all = required.chain(references.optional().map(|object| (object, false)));
    let written = stream::iter(all).map(|(object, is_required)| copy_object(source, destination, object, is_required));
    copied.files += written.buffer_unordered(AT_ONCE).try_fold(0, |sum, one| async move { Ok(sum + one) }).await?;
    for object in references.erased() {
        destination.delete(&object.path).await?;
    }
    Ok(())
}

async fn copy_object(
    source: &dyn Files,
    destination: &Store,
    object: Reference,
    is_required: bool,
) -> Result<u64, CopyError> {
    if destination.head(&object.path).await?.is_some() {
        return Ok(0);
    }
    let bytes = match read(source, &object.path).await {
        Err(CopyError::Read { source: None, .. }) if !is_required => return Ok(0),
        bytes => bytes?,
    };
    if Digest::of(&bytes) != object.digest || object.size.is_some_and(|size| size != bytes.len() as u64) {
        return Err(CopyError::Object { path: object.path });
    }
    destination.put(&object.path, bytes).await?;
    Ok(1)
}

/// Writes the checkpoint, if it extends the one that is there. Returns whether it was written.
pub(crate) async fn publish(destination: &Store, signed: &SignedCheckpoint) -> Result<bool, CopyError> {
    loop {
        let stored = destination.get(CHECKPOINT).await?;
        if let Some(stored) = &stored {
            // It was verified before it was written, perhaps with a log key that has been replaced since.
            let note = Note::parse(&stored.bytes).map_err(CheckpointError::from)?;
            let known = Checkpoint::parse(note.text())?;
            if known.size > signed.checkpoint().size {
                // The source is a copy that is behind. That is no fork, unless it contradicts what is there.
                proof::consistency(destination, signed.checkpoint(), &known).await?;
                return Ok(false);
            }
            proof::consistency(destination, &known, signed.checkpoint()).await?;
            if stored.bytes == signed.bytes() {
                return Ok(false);
            }
        }
        let tag = stored.map(|stored| stored.etag);
        if matches!(destination.update(CHECKPOINT, signed.bytes().into(), tag.as_ref()).await?, Updated::Done(_)) {
            return Ok(true);
        }
    }
}

/// Copies derived files. Returns whether all of them reflect trees up to `size`, and none a later one.
async fn copy_derived(
    source: &dyn Files,
    destination: &Store,
    references: &References,
    size: u64,
    copied: &mut Copied,
) -> Result<bool, CopyError> {
    let mut forwards = Forwards::default();
    let bound = order(format!("{{\"tree_size\":{size},\"issued\":\"9999-12-31T23:59:59Z\"}}").as_bytes());
    let mut is_complete = true;
    for path in references.derived() {
        let bytes = match read(source, &path).await {
            // A derived file may be late.
            Err(CopyError::Read { source: None, .. }) => continue,
            bytes => bytes?,
        };
        if order(&bytes) > bound {
            is_complete = false;
        } else if forwards.write(destination, &Derived::new(path, bytes)).await? {
            copied.files += 1;
        }
    }
    if let Ok(bytes) = read(source, WELL_KNOWN).await {
        copied.files += u64::from(copy_description(destination, bytes).await?);
    }
    Ok(is_complete)
}

/// Writes the description of the registry, unless a later one is there. Returns whether it was written.
async fn copy_description(destination: &Store, bytes: bytes::Bytes) -> Result<bool, CopyError> {
    let found = WellKnown::first_contact(&bytes).map_err(LogError::from)?;
    let stored = destination.get(WELL_KNOWN).await?;
    if let Some(stored) = &stored {
        let known = WellKnown::first_contact(&stored.bytes).map_err(LogError::from)?;
        let (known, found) = (known.value(), found.value());
        if known.root_key != found.root_key {
            let (expected, found) = (known.root_key.to_base64(), found.root_key.to_base64());
            return Err(
                LogError::from(ProtocolError::OtherKey { document: WellKnown::DOCUMENT, expected, found }).into()
            );
        }
        if stored.bytes == bytes || known.version > found.version {
            return Ok(false);
        }
    }
    let tag = stored.map(|stored| stored.etag);
    Ok(matches!(destination.update(WELL_KNOWN, bytes, tag.as_ref()).await?, Updated::Done(_)))
}
