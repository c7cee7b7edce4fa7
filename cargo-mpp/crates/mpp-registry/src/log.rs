//! The append-only log: checkpoints, tiles, proofs, and the writer of the server.
//!
//! The log is a Merkle tree (RFC 6962) in the files of C2SP tlog-tiles. Readers believe no file but the signed checkpoint:
//! [`proof`] checks what tiles say against a checkpoint's root, and a [`Follower`] checks leaves in the same way.
//!
//! `tlog_tiles` has a reader that authenticates tiles by itself. It is not used, because it takes the tiles between the first
//! and the last subtree of some tree sizes for authenticated without comparing them with anything. Here every proof is made from
//! tiles that nobody vouches for, and then verified as if the registry had sent it.

mod bundle;
#[cfg(feature = "server")]
pub(crate) mod cached;
#[cfg(feature = "server")]
mod check;
mod checkpoint;
#[cfg(feature = "server")]
mod commit;
#[cfg(feature = "server")]
mod copy;
#[cfg(feature = "server")]
mod derived;
mod error;
mod files;
mod follow;
#[cfg(feature = "server")]
mod head;
#[cfg(feature = "server")]
mod keys;
#[cfg(feature = "server")]
mod log_copy;
pub mod proof;
mod proof_error;
#[cfg(feature = "server")]
mod references;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(feature = "server")]
mod tidy;
mod tree;
#[cfg(feature = "server")]
mod writer;

pub use bundle::{decode_bundle, encode_bundle};
#[cfg(feature = "server")]
pub use check::{Checked, Fault, FaultKind, check};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_SIZE, SignedCheckpoint};
#[cfg(feature = "server")]
pub(crate) use copy::publish as publish_copy;
#[cfg(feature = "server")]
pub use copy::{Copied, CopyError, copy, copy_commits};
#[cfg(feature = "server")]
pub use derived::Derived;
#[cfg(feature = "server")]
pub(crate) use derived::{publish_forwards, tree_size};
pub use error::LogError;
pub use files::{Files, read_bundle, read_tile};
pub use follow::Follower;
#[cfg(feature = "server")]
pub use head::head;
#[cfg(feature = "server")]
pub use keys::LogKeys;
#[cfg(feature = "server")]
pub(crate) use log_copy::{LogCopy, LogCopyError};
pub use proof_error::ProofError;
#[cfg(feature = "server")]
pub use tidy::tidy;
pub use tree::{Tree, leaf_hash};
#[cfg(feature = "server")]
pub use writer::{AppendError, Appended, Cosigning, Derive, Fold, Log, Options, Rebuilt, View, WriterError, rebuild};
