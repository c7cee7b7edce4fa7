//! Signed checkpoints, how two of them relate to each other, and proofs from whichever copy of the registry can give them.

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use mpp_host::PublicKey;
use mpp_host::causes::BoxedError;

use super::alarm::SignedState;
use super::error::ClientError;
use super::remote::Remote;
use super::transport::Transport;
use crate::log::{Checkpoint, Files, ProofError, SignedCheckpoint, proof};
use crate::note::{Algorithm, Note, VerifierKey};
use crate::protocol::Origin;

/// Largest file that a proof needs: a full bundle of the longest entries.
const LARGEST: u64 = 256 * (65_535 + 2);

/// The witnesses of which some must have cosigned.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Witnesses<'a> {
    pub(crate) keys: &'a [VerifierKey],
    pub(crate) quorum: usize,
}

/// Parses a checkpoint, and verifies that the log key and enough witnesses have signed it.
pub(crate) fn verify(
    bytes: &[u8],
    origin: &Origin,
    log_key: &PublicKey,
    witnesses: Witnesses<'_>,
) -> Result<SignedCheckpoint, ClientError> {
    let key = VerifierKey::new(origin.as_str(), Algorithm::Ed25519, *log_key).map_err(ClientError::Key)?;
    let signed = SignedCheckpoint::open(bytes, &key)?;
    let found = signed.cosigners(witnesses.keys).len();
    if found < witnesses.quorum {
        return Err(ClientError::Witnesses { found, required: witnesses.quorum });
    }
    Ok(signed)
}

/// Parses a checkpoint that was verified before it was stored.
pub(crate) fn stored(bytes: &[u8], origin: &Origin) -> Result<Checkpoint, ClientError> {
    let note = Note::parse(bytes).map_err(ClientError::Key)?;
    let checkpoint = Checkpoint::parse(note.text())?;
    origin.check("the checkpoint", &checkpoint.origin)?;
    Ok(checkpoint)
}

/// A checkpoint as one side of a contradiction.
pub(crate) fn state(checkpoint: &Checkpoint, evidence: Vec<u8>) -> SignedState {
    SignedState::new(checkpoint.size, checkpoint.root, evidence)
}

/// How a tree relates to one that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// It is the same one.
    Same,
    /// It has all leaves of the known one, and more.
    Extends,
    /// The known one has all its leaves, and more.
    Older,
    /// It has fewer leaves than the known one, and whether these are the same cannot be found out here.
    OlderPerhaps,
    /// Neither has all leaves of the other one.
    Contradicts,
}

/// Finds out how `found` relates to `known`. A contradiction is proved; tiles that are damaged or missing are never taken for one.
pub(crate) async fn relate(known: &Checkpoint, found: &Checkpoint, tiles: &Remote) -> Result<Relation, ClientError> {
    if found.size == known.size {
        return Ok(if found.root == known.root { Relation::Same } else { Relation::Contradicts });
    }
    let (older, newer) = if found.size > known.size { (known, found) } else { (found, known) };
    match prove(tiles, async |files| proof::consistency(files, older, newer).await).await {
        Ok(()) => Ok(if found.size > known.size { Relation::Extends } else { Relation::Older }),
        Err(ProofError::Fork { .. }) => Ok(Relation::Contradicts),
        // A copy that lags behind does not have the tiles of the larger tree.
        Err(_) if found.size < known.size => Ok(Relation::OlderPerhaps),
        Err(error) => Err(error.into()),
    }
}

/// Makes a proof from the files of one copy of the registry after the other, until one copy proves something, be it good or bad.
pub(crate) async fn prove<T>(
    remote: &Remote,
    make: impl AsyncFn(&dyn Files) -> Result<T, ProofError>,
) -> Result<T, ProofError> {
    let mut failed = None;
    for copy in remote.copies() {
        match make(&Copy { remote, transport: copy.as_ref() }).await {
            Err(error @ (ProofError::Unavailable { .. } | ProofError::Damaged { .. } | ProofError::Tiles { .. })) => {
                failed.get_or_insert(error);
            }
            end => return end,
        }
    }
    Err(failed.unwrap_or_else(|| ProofError::Unavailable { path: String::new(), source: None }))
}

/// The files of one copy of a registry.
struct Copy<'a> {
    remote: &'a Remote,
    transport: &'a dyn Transport,
}

impl Files for Copy<'_> {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        let read = async move {
            let found = self.remote.read_from(self.transport, path, LARGEST).await;
            found.map(|found| found.map(|found| found.bytes)).map_err(|error| Box::new(error).into())
        };
        read.boxed()
    }
}
