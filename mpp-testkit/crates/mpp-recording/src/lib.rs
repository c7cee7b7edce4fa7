//! Recorded and prepared calls for MPP tools.
//!
//! A front end that runs a tool without its real surroundings needs six things, and this crate has them:
//!
//! - [`MockPlan`] describes how HTTP requests are answered: by closures, sequences of [`Reply`] values, or recorded
//!   [fixtures](fixture). Built, it is a [`MockNetwork`], which is given to a grant as its transport.
//! - [`Fault`] describes what goes wrong on purpose: an HTTP failure, a full disk, a state that is locked.
//! - [`RecordedCalls`] reads and writes files of recorded `tools/call` exchanges, and [`Comparison`] compares a recorded
//!   response with a new one, ignoring redactions and values that change with every call.
//! - [`CallRecorder`](recording::CallRecorder) records one call with everything that it read, and [`CallReplay`](recording::CallReplay)
//!   repeats it.
//! - [`junit`] writes what was compared as a file that CI systems show.
//! - [`Masks`] removes secrets from everything that is shown or stored.
//!
//! Its errors have [codes] and implement [`Coded`](mpp_host::codes::Coded).
//!
//! The crate never panics, prints, or reads environment variables, and it writes no files: errors and differences are
//! returned as data, and the front end words them for its reader.
//!
//! ```
//! use mpp_host::sandbox::network::{Request, Transport};
//! use mpp_recording::{Masks, MockPlan, Reply};
//!
//! let mut plan = MockPlan::new();
//! plan.sequence("api.crm.example", [Reply::status(503), Reply::text("ok")]);
//! let declared: Vec<_> = serde_json::from_value(serde_json::json!(["api.crm.example"]))?;
//! let network = plan.build(".".as_ref(), &declared, Masks::default(), [].into())?;
//!
//! let request = || Request::new("GET", "https://api.crm.example/v1");
//! assert_eq!(network.send(request())?.status, 503);
//! assert_eq!(network.send(request())?.body, b"ok");
//! assert_eq!(network.requests().len(), 2);
//! assert!(network.take_failure().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod calls;
pub mod codes;
mod comparison;
pub mod difference;
mod error;
mod fault;
pub mod fixture;
mod hosts;
pub mod junit;
pub mod line_diff;
mod masks;
mod mock;
mod network;
mod plan;
pub mod recording;
mod reply;
mod stage;

pub use calls::{RecordedCall, RecordedCalls};
pub use comparison::{Compared, Comparison, Redaction, error_message};
pub use difference::Difference;
pub use error::PrepareError;
pub use fault::{ActiveFault, CallFault, CallFaults, Fault, Outcome};
pub use masks::Masks;
pub use network::{MockFailure, MockNetwork, SentRequest, TriedMock, UnansweredRequest};
pub use plan::MockPlan;
pub use reply::Reply;
pub use stage::{ReplayClock, Stage};

/// HTTP statuses that a mock may return.
const STATUSES: std::ops::RangeInclusive<u16> = 100..=599;

/// Types that front ends share between threads.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<MockPlan>();
    is_send_and_sync::<MockNetwork>();
    is_send_and_sync::<MockFailure>();
    is_send_and_sync::<Fault>();
    is_send_and_sync::<ActiveFault>();
    is_send_and_sync::<RecordedCalls>();
    is_send_and_sync::<Masks>();
    is_send_and_sync::<PrepareError>();
    is_send_and_sync::<recording::CallRecorder>();
    is_send_and_sync::<recording::CallReplay>();
};
