//! Ed25519 keys as PEM, and key ids. Nothing here reads or writes files.

mod error;
mod id;
mod pem;
mod public;
mod signing;

pub use error::KeyError;
pub use id::{KeyId, KeyRole};
pub use public::PublicKey;
pub use signing::SigningKey;
