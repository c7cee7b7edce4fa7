//! Decides which publishers' packages may run. This module holds data and decisions; it reads and writes no files.
//!
//! Trust is decided after the Gatekeeper, so that the Gatekeeper's result for a package is the same on every host.

mod publisher;
mod rotation;
mod store;

pub use publisher::TrustedPublisher;
pub use rotation::{ROTATION, Rotation, RotationError};
pub use store::{Admission, Trust, TrustError, TrustStore};
