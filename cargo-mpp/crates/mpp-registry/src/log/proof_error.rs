//! The error returned when a proof cannot be made, or shows that the log is not what was expected.

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use super::checkpoint::Checkpoint;
use crate::codes;

/// The error returned when a proof cannot be made, or shows that the log is not what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// A file of the log cannot be read. A copy of the registry may be behind: try again.
    #[error("`{path}` cannot be read")]
    Unavailable {
        /// The place of the file.
        path: String,
        /// The reason; `None` if there is no such file.
        source: Option<BoxedError>,
    },
    /// A file of the log has another size than it must have.
    #[error("`{path}` is damaged")]
    Damaged {
        /// The place of the file.
        path: String,
    },
    /// The tiles do not give the root of the checkpoint, so that they prove nothing.
    #[error("the tiles of the log do not give the root of the checkpoint of size {size}")]
    Tiles {
        /// The size of the checkpoint.
        size: u64,
    },
    /// The index is not below the size of the checkpoint.
    #[error("the checkpoint has {size} leaves, and none with the index {index}")]
    NotYet {
        /// The index of the leaf.
        index: u64,
        /// The size of the checkpoint.
        size: u64,
    },
    /// The log has another leaf at this index. This is proved.
    #[error("the log has another leaf at the index {index}")]
    OtherLeaf {
        /// The index of the leaf.
        index: u64,
    },
    /// The newer checkpoint does not extend the older one: the log was forked or rolled back. This is proved.
    #[error("the checkpoint of size {} does not extend the one of size {}", newer.size, older.size)]
    Fork {
        /// The older, or smaller, checkpoint.
        older: Box<Checkpoint>,
        /// The newer, or larger, checkpoint.
        newer: Box<Checkpoint>,
    },
}

impl Coded for ProofError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unavailable { .. } | Self::NotYet { .. } => &codes::N110,
            Self::Damaged { .. } | Self::Tiles { .. } => &codes::N111,
            Self::Fork { .. } => &codes::N112,
            Self::OtherLeaf { .. } => &codes::N113,
        }
    }
}
