//! Decides whether a package may run and a tool may be called: allow, ask or refuse.
//!
//! [`crate::trust`] decides which publishers are trusted. A [`Policy`] compares what a package requests ([`Wants`]) with what
//! was approved for the same package and key before ([`Approval`]). If a later version requests more, the user is asked
//! again, and the question shows only what is new. The result is a [`Clearance`], which a grant needs.
//!
//! This module holds data and decisions; it reads and writes no files. Front ends decide through
//! [`Host::clear`](crate::Host::clear), which asks an [`Approver`] and records refusals in the audit log.
//!
//! *Invariant:* the user is not asked about packages signed by one of their own keys, unless a [`Policy`] sets the level from
//! which calls are asked about, or a declared path leads to a path of this machine ([`MachinePath`]) that no mapping names. A
//! policy can refuse them, too.

mod approval;
mod approver;
#[cfg(feature = "sandbox")]
mod clear;
#[cfg(feature = "sandbox")]
mod clearance;
mod decision;
mod machine_path;
pub mod plain_words;
mod settings;
#[cfg(feature = "sandbox")]
mod shown_call;
mod wants;

pub use approval::Approval;
pub use approver::{Answer, Approver, NotApproved, Unattended};
#[cfg(feature = "sandbox")]
pub(crate) use clearance::CallRule;
#[cfg(feature = "sandbox")]
pub use clearance::{Clearance, ClearanceRequest, Cleared, ClearedCall, ToolClearance};
pub use decision::{Decision, Question, Refusal, Situation, Why};
pub use machine_path::{ApprovedPath, MachinePath};
pub use settings::{Policy, Settings, SettingsError};
#[cfg(feature = "sandbox")]
pub use shown_call::ShownCall;
pub use wants::{Ability, New, Wants, size};

#[cfg(all(test, feature = "sandbox"))]
mod tests;
