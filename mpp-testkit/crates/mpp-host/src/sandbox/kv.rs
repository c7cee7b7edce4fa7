//! State: one SQLite database per package and publisher, one transaction per invocation.
//!
//! - The database is opened by the first function of a call that needs it; a call that uses no state has no cost.
//! - A call that writes first waits for the write lock and takes it, so two calls that only count never conflict. A call that
//!   reads first sees a snapshot; if it writes after another call has written, it has lost a race.
//! - The transaction is committed when the call has succeeded, before the response is returned. In every other case it is
//!   rolled back.
//!
//! *Invariant:* a transaction that is incomplete (because of a lost race, a full disk or a damaged database) is never
//! committed, whatever the tool responds.
//!
//! *Invariant:* nothing here waits longer than the time left for the call.

mod call;
mod database;
mod dir;
mod entries;
mod fault;
mod files;
pub(crate) mod functions;
mod limits;
mod moving;
mod state;
mod store;
mod transaction;
#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, reason = "a hook of the feature `testing`"))]
pub(crate) mod trouble;

pub(crate) use call::{KvCall, RollbackReason};
pub use dir::{Entry, StateDir, StateError, Stored};
pub(crate) use functions::add_to_linker;
pub use limits::{LONGEST_KEY, LONGEST_PAGE, LONGEST_VALUE};
pub use moving::StateMove;
pub use state::{Held, State};
pub(crate) use store::{Store, StoreHooks};
#[cfg(feature = "testing")]
pub use trouble::StateTrouble;
