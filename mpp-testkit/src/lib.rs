//! Unit tests for MPP tools: a plain `cargo test` builds, signs, verifies and runs the real package.
//!
//! A test calls a tool as an agent does: the crate under test is compiled for the sandbox, packed, signed with a temporary
//! key, verified by the Gatekeeper, and run with only the capabilities that its manifest declares. Its answers pass the
//! privacy filter.
//!
//! ```no_run
//! use serde_json::json;
//!
//! #[test]
//! fn redacts_the_address() {
//!     let tool = mpp_testkit::tool!().env("CRM_API_KEY", "a key for tests").load();
//!     tool.call("lookup", json!({ "query": "ada" }))
//!         .assert_at("/name", json!("Ada Lovelace"))
//!         .assert_redacted("/mail", "email");
//! }
//! ```
//!
//! # Overview
//!
//! | task | start with |
//! |---|---|
//! | build and load a tool | [`tool!`], [`ToolBuilder`] |
//! | call it and check the answer | [`Tool::call`], [`Answer`] |
//! | mock HTTP servers | [`ToolBuilder::http`], [`ToolBuilder::http_sequence`], [`ToolBuilder::http_fixture`], [`ToolBuilder::http_record`] |
//! | check the requests that were sent | [`Tool::requests`] |
//! | prepare and check state | [`ToolBuilder::kv`], [`Tool::kv`] |
//! | prepare and check files | [`ToolBuilder::file`], [`ToolBuilder::temp_dir`], [`Tool::files`] |
//! | control time and randomness | [`ToolBuilder::clock`], [`ToolBuilder::seed`] |
//! | inject faults | [`ToolBuilder::fault`], [`Tool::under_every_fault`] |
//! | compare with golden files | [`Tool::assert_definitions`], [`Tool::replay`], [`Answer::snapshot`] |
//! | generate arguments | [`Tool::fuzz_arguments`], [`Tool::valid_arguments`] |
//! | debug, or measure coverage | [`Mode::Native`] |
//! | test a host | [`ToolBuilder::package`], [`tamper`] |
//!
//! # Things to know
//!
//! - The first test of a run builds the package; the others reuse it. This also holds under `cargo nextest`, where every test
//!   is a process of its own. Compiled code is kept in `$MPP_HOME/cache` (`~/.mpp/cache`) for later runs.
//! - Calls are synchronous. They may be made inside an async runtime, such as that of `#[tokio::test]`; where other tasks
//!   need the runtime's threads, make them in `spawn_blocking`. [`Tool`] can be cloned and sent to other threads.
//! - `dev = { dirs, env }` under `[package.metadata.mpp]` applies; [`ToolBuilder::dir`] and [`ToolBuilder::env`] override it.
//! - A tool that declares `kv` starts with an empty state, which is removed with the loaded tool.
//! - No request leaves this machine unless the test asks for it, and a request that no mock answers fails the test.
//! - Failures are panics, so this crate is for tests only.
//!
//! # Environment variables
//!
//! | variable | effect |
//! |---|---|
//! | `MPP_TEST_MODE=native` | runs all calls in the test's own process: see [`Mode`] |
//! | `MPP_TEST_RECORD=1` | records all fixtures again: see [`ToolBuilder::http_record`] |
//! | `MPP_TEST_BLESS=1` | writes golden files instead of comparing with them |
//! | `MPP_TEST_SEED=NUMBER` | selects other generated arguments |
//!
//! # Features
//!
//! This crate has no features.
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

mod answer;
mod assert;
mod failure;
mod generate;
mod golden;
pub mod http;
mod mock_http;
mod mode;
mod native;
mod package;
pub mod tamper;
mod tool;
mod wording;
mod world;

pub mod faults {
    //! Faults that a test injects, and the report of calling a tool under all of them.

    pub use mpp_recording::{Fault, Outcome};

    pub use crate::world::faults::report::{FaultReport, FaultResult};
}

pub use answer::Answer;
pub use generate::{Fuzz, FuzzSummary};
pub use golden::replay::{DifferentCall, Recording, Replay, ReplayReport};
pub use mode::Mode;
/// Limits of a call: see [`ToolBuilder::limits`].
pub use mpp_host::sandbox::CallLimits;
pub use mpp_recording::{Fault, Reply};
pub use package::signed::SignedPackage;
pub use tool::Tool;
pub use world::builder::ToolBuilder;
pub use world::clock::Clock;
pub use world::faults::report::FaultReport;
pub use world::files::snapshot::{Files, FilesDiff};
pub use world::state::snapshot::{KvDiff, KvEntry, KvSnapshot};
pub use world::state::value::KvValue;

/// Tests the package of the current crate, or the one in a directory relative to it: `tool!("../other")`. Returns a
/// [`ToolBuilder`].
///
/// ```no_run
/// let tool = mpp_testkit::tool!().load();
/// let other = mpp_testkit::tool!("../other").load();
/// ```
#[macro_export]
macro_rules! tool {
    () => {
        $crate::ToolBuilder::new(::std::env!("CARGO_MANIFEST_DIR"))
    };
    ($directory:expr) => {
        $crate::ToolBuilder::new(::std::path::Path::new(::std::env!("CARGO_MANIFEST_DIR")).join($directory))
    };
}

/// Types that tests send to other threads.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Tool>();
    is_send_and_sync::<ToolBuilder>();
    is_send_and_sync::<Answer>();
    is_send_and_sync::<Clock>();
    is_send_and_sync::<Fault>();
    is_send_and_sync::<FaultReport>();
    is_send_and_sync::<KvSnapshot>();
    is_send_and_sync::<Files>();
    is_send_and_sync::<http::Requests>();
    is_send_and_sync::<SignedPackage>();
};
