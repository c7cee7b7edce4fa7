//! The MPP host as a library: package format, Gatekeeper, sandbox and privacy filter.
//!
//! The library does not print, exit the process, or read environment variables or the time by itself: the front end passes
//! them in.
//!
//! | feature | contents |
//! |---|---|
//! | `sandbox` (default) | runs tools; without it, the crate verifies, signs and filters, and links no compiler |
//! | `testing` | test hooks of a [`Grant`]: fixed clocks and randomness, transports, failures of disk and state |
//! | `in-process` | calls without a sandbox, for a tool's own tests: [`Grant::danger_in_process`] |
//! | `samples` | small signed packages for tests: [`testing`] |
//! | `tamper` | broken packages that every host must refuse: [`package::tamper`] |
//!
//! A program that runs packages of other people enables `sandbox` only.
//!
//! *Invariant:* this crate has one unsafe expression, in `sandbox/cache.rs`: it makes compiled code runnable.
//!
//! *Invariant:* without the features `testing` and `in-process`, nothing can set a test hook.
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

#[cfg(not(unix))]
compile_error!(
    "mpp-host runs on Linux and macOS: file permissions, locks and the sandbox's file operations are those of Unix"
);

pub mod addresses;
pub mod atomic_file;
#[cfg(feature = "sandbox")]
pub mod audit;
pub mod causes;
pub mod clock;
pub mod codes;
pub mod crash;
pub mod definitions;
pub mod foreign;
pub mod gatekeeper;
#[cfg(feature = "sandbox")]
pub mod host;
pub mod host_functions;
pub mod keys;
pub mod package;
pub mod policy;
pub mod privacy;
#[cfg(feature = "sandbox")]
mod private_dir;
mod random;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "schema")]
mod schema;
pub mod signature;
#[cfg(feature = "samples")]
pub mod testing;
pub mod text;
pub mod trust;

pub use codes::{Class, Code, Coded, Remedy};
pub use gatekeeper::VerifiedPackage;
#[cfg(feature = "sandbox")]
pub use host::{CallOptions, FilteredOutput, Grant, Host, HostBuilder, LoadedPackage, RunnablePackage};
pub use keys::PublicKey;
/// The types of requests, results and errors that tools and hosts exchange.
pub use mpp_sdk::wire;
pub use policy::{Answer, Approver, NotApproved, Policy, Question, Unattended};
#[cfg(feature = "sandbox")]
pub use policy::{Clearance, ClearanceRequest, Cleared, ClearedCall, ToolClearance};
#[cfg(feature = "sandbox")]
pub use sandbox::CancelHandle;
pub use trust::{Admission, TrustStore};
