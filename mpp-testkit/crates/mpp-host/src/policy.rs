//! Whether a package may run and a tool may be called: allowed, asked about, or refused.
//!
//! [`crate::trust`] decides which publishers are trusted. A [`Policy`] compares what a package wants ([`Wants`]) with what
//! was approved of the same package and key before ([`Approval`]). A later version that wants more is asked about again,
//! and the question shows only what is new. The result is a [`Clearance`], which a grant needs.
//!
//! This module holds data and decisions; it reads and writes no files. Front ends decide through
//! [`Host::clear`](crate::Host::clear), which asks an [`Approver`] and records refusals in the audit log.
//!
//! *Invariant:* packages signed by one of the user's own keys are never asked about. A [`Policy`] can still refuse them.

mod approval;
mod approver;
#[cfg(feature = "sandbox")]
mod clear;
#[cfg(feature = "sandbox")]
mod clearance;
mod decision;
mod settings;
mod wants;

pub use approval::Approval;
pub use approver::{Answer, Approver, NotApproved, Unattended};
#[cfg(feature = "sandbox")]
pub(crate) use clearance::CallRule;
#[cfg(feature = "sandbox")]
pub use clearance::{Clearance, ClearanceRequest, Cleared, ClearedCall, ToolClearance};
pub use decision::{Decision, Question, Refusal, Situation, Why};
pub use settings::{Policy, Settings, SettingsError};
pub use wants::{Ability, New, Wants, size};

#[cfg(all(test, feature = "sandbox"))]
mod tests;
