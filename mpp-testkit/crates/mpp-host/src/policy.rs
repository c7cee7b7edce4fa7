//! Whether a package may run, and a tool be called: allowed, asked about, or refused. Data and decisions, no files.
//!
//! Whose package it is, [`crate::trust`] says. What the package wants ([`Wants`]) is compared with what was accepted of this
//! package and key before ([`Approval`]): a later version that wants more is asked about again, and only what is new is
//! shown. [`Policy::settle`] asks through an [`Approver`] and gives back what is to be remembered.
//!
//! *Invariant:* packages by one's own keys are never asked about; a [`Policy`] can refuse them all the same.

mod approval;
mod decision;
mod settings;
mod settle;
mod wants;

pub use approval::Approval;
pub use decision::{Decision, Question, Refusal, Situation, Why};
pub use settings::{Policy, Settings, SettingsError};
pub use settle::{Answer, Approver, NotApproved, Settled};
pub use wants::{Ability, New, Wants, size};

#[cfg(test)]
mod tests;
