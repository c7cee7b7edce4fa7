//! State: one SQLite database per package and publisher, one transaction per invocation.
//!
//! - The database is opened by the first function of a call that needs it; a call that uses none pays nothing.
//! - A call that writes first takes the write lock at once and waits for it, so two calls that only count never collide. One
//!   that reads first sees a snapshot; when it writes after somebody else has, it has lost a race.
//! - The transaction is committed when the call has succeeded, before the answer is given; whatever else happens, it is
//!   rolled back.
//!
//! *Invariant:* a transaction that missed anything (a lost race, a full disk, damage) is never committed, whatever the tool
//! answers.
//!
//! *Invariant:* nothing here waits longer than the call may still take.

mod call;
mod database;
mod dir;
mod fault;
mod files;
pub(crate) mod functions;
mod limits;
mod state;
mod store;
mod transaction;
mod trouble;

pub(crate) use call::{KvCall, RollbackReason};
pub use dir::{Entry, StateDir, StateError, Stored};
pub(crate) use functions::add_to_linker;
pub use limits::{LONGEST_KEY, LONGEST_PAGE, LONGEST_VALUE};
pub use state::{Held, State};
pub(crate) use store::Store;
pub use trouble::StateTrouble;
