//! Package signatures: DSSE v1 envelopes around in-toto Statement v1.

mod claim;
pub mod dsse;
mod outcome;
mod sign;
mod statement;

pub(crate) use claim::Claim;
pub use outcome::{Change, Countersignature, CountersignatureState, EntryChange, SignatureOutcome};
pub use sign::{SignError, countersign, sign, unsign};
pub(crate) use statement::ClaimFault;
pub use statement::{EntryDigest, PREDICATE, Predicate, STATEMENT, Statement, Subject, SubjectDigest, Toolchain};
