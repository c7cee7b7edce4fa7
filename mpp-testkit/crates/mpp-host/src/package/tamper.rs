//! Test support: archives in which every field can be forged, and the broken packages that every host must refuse.
//!
//! This module needs the feature `tamper`. [`Kit`] makes at least one package for each code of the Gatekeeper. For a
//! forgery of your own, read a valid package with [`RawArchive::read`], change its fields, and write it with
//! [`RawArchive::to_bytes`]; [`RawArchive::sign`] signs the forged archive.

mod kit;
mod raw;

pub use kit::{Kit, Tampered};
pub use raw::{RawArchive, RawEnd, RawEntry, RawHeader};
