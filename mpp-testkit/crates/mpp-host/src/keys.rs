//! Ed25519 keys, their PEM encoding, and key ids. This module does not read or write files.

mod error;
mod id;
mod pem;
mod public;
mod signing;

pub use error::KeyError;
pub use id::{KeyId, KeyRole};
pub use public::PublicKey;
pub use signing::SigningKey;
