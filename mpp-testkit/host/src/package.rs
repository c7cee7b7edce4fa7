//! The package: archive, manifest, limits.

pub mod manifest;
