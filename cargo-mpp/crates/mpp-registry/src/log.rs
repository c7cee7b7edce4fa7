//! The append-only log: checkpoints, tiles, proofs, and the writer of the server.
//!
//! The log is a Merkle tree (RFC 6962) in the files of C2SP tlog-tiles. Readers believe no file but the signed checkpoint:
//! [`proof`] checks what tiles say against a checkpoint's root, and a [`Follower`] checks leaves in the same way.
//!
//! `tlog_tiles` has a reader that authenticates tiles by itself. It is not used, because it takes the tiles between the first
//! and the last subtree of some tree sizes for authenticated without comparing them with anything. Here every proof is made from
//! tiles that nobody vouches for, and then verified as if the registry had sent it.

mod bundle;
mod checkpoint;
mod error;
mod files;
mod follow;
pub mod proof;
mod proof_error;
mod tree;

pub use bundle::{decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_SIZE, SignedCheckpoint};
pub use error::LogError;
pub use files::{Files, read_bundle, read_tile};
pub use follow::Follower;
pub use proof_error::ProofError;
pub use tree::{Tree, leaf_hash};
