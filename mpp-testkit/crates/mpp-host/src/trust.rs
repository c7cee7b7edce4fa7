//! Whose packages may run: data and decisions, no files.
//!
//! Trust is decided after the Gatekeeper, so that a package which passes here passes on any host.

mod publisher;
mod rotation;
mod store;

pub use publisher::TrustedPublisher;
pub use rotation::{ROTATION, Rotation, RotationError};
pub use store::{Admission, Trust, TrustError, TrustStore};
