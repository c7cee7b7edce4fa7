//! For tests: archives in which any field may lie, and the set of broken packages that every host must refuse.
//!
//! Only with the feature `tamper`. [`Kit`] makes one package or more for each code of the Gatekeeper. For a lie of your
//! own, take a valid package apart with [`RawArchive::read`], change what is to be changed, and write it with
//! [`RawArchive::to_bytes`]; [`RawArchive::sign`] signs the lie.

mod kit;
mod raw;

pub use kit::{Kit, Tampered};
pub use raw::{RawArchive, RawEnd, RawEntry, RawHeader};
