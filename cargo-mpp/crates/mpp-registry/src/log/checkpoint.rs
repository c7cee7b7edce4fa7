//! Checkpoints: the signed size and root of the log (C2SP tlog-checkpoint).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::note::{Note, NoteError, VerifierKey};
use crate::protocol::{Digest, Origin, ProtocolError};

/// The largest supported size of a log. Sizes near 2^64 would overflow the mathematics of tiles.
pub const MAX_SIZE: u64 = 1 << 48;

/// The error returned when a checkpoint cannot be read or is not signed by its log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The bytes are not a signed note, or the log has not signed it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text does not have the form of C2SP tlog-checkpoint.
    #[error("the checkpoint is malformed: {0}")]
    Text(&'static str),
    /// The checkpoint belongs to another log.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

impl Coded for CheckpointError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Note(error) => error.code(),
            Self::Text(_) => &codes::N105,
            Self::Protocol(error) => error.code(),
        }
    }
}

/// The size and root of the log at some time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Checkpoint {
    /// Origin of the log.
    pub origin: Origin,
    /// The number of leaves.
    pub size: u64,
    /// The root of the Merkle tree over the leaves.
    pub root: Digest,
}

impl Checkpoint {
    /// Creates a checkpoint.
    #[must_use]
    pub const fn new(origin: Origin, size: u64, root: Digest) -> Self {
        Self { origin, size, root }
    }

    /// Returns the text that is signed: origin, size and root, one a line.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.as_bytes()))
    }

    /// Parses the text of a checkpoint. Further lines, which the specification allows for extensions, are ignored.
    ///
    /// # Errors
    /// Returns [`CheckpointError::Text`] or [`CheckpointError::Protocol`] if the text is not a checkpoint.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let origin = Origin::parse(lines.next().unwrap_or_default())?;
        let size = lines.next().unwrap_or_default();
        let is_decimal = size.bytes().all(|b| b.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        let size = size.parse().ok().filter(|size| is_decimal && *size <= MAX_SIZE);
        let size = size.ok_or(CheckpointError::Text("its second line is not a size up to 2^48"))?;
        let root = STANDARD.decode(lines.next().unwrap_or_default()).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or(CheckpointError::Text("its third line is not the Base64 encoding of 32 bytes"))?;
        Ok(Self { origin, size, root: Digest::from_bytes(root) })
    }
}

/// A checkpoint that the log has signed, with the bytes of its note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Parses a note and verifies that `log` signed it. The origin of the checkpoint must be the name of the key.
    ///
    /// # Errors
    /// Returns [`CheckpointError::Note`] if the bytes are not a note that the log signed, [`CheckpointError::Text`] if its text is not a
    /// checkpoint, or [`CheckpointError::Protocol`] if it belongs to another log.
    pub fn open(bytes: &[u8], log: &VerifierKey) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        note.verify([log])?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Origin::parse(log.name())?.check("the checkpoint", &checkpoint.origin)?;
        Ok(Self { checkpoint, note })
    }

    /// Returns the checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the note.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Returns the bytes of the note.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// Returns the checkpoint with further signatures of its text.
    #[cfg(feature = "server")]
    pub(crate) fn with(&self, signatures: &[crate::note::NoteSignature]) -> Self {
        let mut with = self.clone();
        signatures.iter().for_each(|signature| with.note.add(signature.clone()));
        with
    }

    /// Returns the names of the given witnesses that have validly cosigned the checkpoint.
    #[must_use]
    pub fn cosigners<'a>(&self, witnesses: &'a [VerifierKey]) -> Vec<&'a str> {
        let signed = |witness: &&VerifierKey| self.note.verify([*witness]).is_ok();
        witnesses.iter().filter(signed).map(VerifierKey::name).collect()
    }
}
