//! The codes that this crate raises (`MPP-M…`), a table for each area.

mod clients;
mod serving;

use mpp_host::codes::Code;

pub use clients::*;
pub use serving::*;

/// Returns every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    SERVING.iter().chain(CLIENTS).copied()
}
