//! Signed notes (C2SP signed-note), their verifier keys, and cosignatures with a time (C2SP tlog-cosignature).
//!
//! The crate `signed_note` is not used: it brings a second release of `ed25519-dalek` and verifies signatures with the lenient
//! check, which accepts keys of small order and signatures in several encodings. Here every check is strict.

mod error;
mod key;
mod signer;
#[cfg(test)]
mod tests;
mod text;

pub use error::NoteError;
pub use key::{Algorithm, VerifierKey};
pub use signer::NoteSigner;
pub use text::{MAX_NOTE, Note, NoteSignature, Verified};
