//! The codes that this crate raises (`MPP-M…`), a table for each area.

mod capture;
mod clients;
mod legacy;
mod replay;
mod scaffold;
mod serving;

use mpp_host::codes::Code;

pub use capture::*;
pub use clients::*;
pub use legacy::*;
pub use replay::*;
pub use scaffold::*;
pub use serving::*;

/// Returns every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [SERVING, LEGACY, CAPTURE, REPLAY, CLIENTS, SCAFFOLD].into_iter().flatten().copied()
}
