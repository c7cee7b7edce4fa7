//! What a registry, its clients and its log exchange: statements, leaves, served files and their signatures.
//!
//! Every change is a [`SignedStatement`], which the log keeps byte for byte in a [`Leaf`]. Clients read static [`files`], each
//! signed by the registry's log key, except for [`files::WellKnown`], which its root key signs. [`paths`] has the place of each
//! file, both in the store and below the registry's URL.

mod digest;
pub mod domain;
mod envelope;
mod error;
pub mod files;
mod leaf;
mod origin;
mod package_id;
pub mod paths;
mod problem;
pub mod requests;
mod signed_statement;
mod statement;
mod timestamp;

pub use digest::Digest;
pub use envelope::{MAX_ENVELOPE, Signed, SignedFile};
pub use error::ProtocolError;
pub use leaf::{Body, DomainRecord, DomainState, Genesis, LEAF_VERSION, Leaf, MAX_LEAF};
pub use origin::Origin;
pub use package_id::PackageId;
pub use problem::{PROBLEM_JSON, Problem};
pub use signed_statement::SignedStatement;
pub use statement::{Action, Nonce, STATEMENT_TYPE, Statement, TakedownReason};
pub use timestamp::Timestamp;
