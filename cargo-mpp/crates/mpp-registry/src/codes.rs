//! The codes that this crate raises (`MPP-N…`), a table for each area.

mod client;
mod following;
mod identity;
mod log;
mod oci;
mod pages;
mod protocol;
mod server;

use mpp_host::codes::Code;

pub use client::*;
pub use following::*;
pub use identity::*;
pub use log::*;
#[allow(unused_imports, unreachable_pub, reason = "the table can be empty")]
pub use oci::*;
pub use pages::*;
pub use protocol::*;
pub use server::*;

/// Returns every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [PROTOCOL, CLIENT, LOG, SERVER, PAGES, IDENTITY, OCI, FOLLOWING].into_iter().flatten().copied()
}
