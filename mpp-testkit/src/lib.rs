//! Unit tests for MPP tools: a plain `cargo test` builds, signs, verifies and runs the real package in process.
//!
//! What a test calls is what an agent calls: the crate under test is built for the sandbox, packed, signed with a key of
//! the moment, led through the Gatekeeper and run with nothing but what its manifest declares; its answers have been
//! through the privacy filter.
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
//! - [`tool!`] stands for the package whose test this is; `tool!("../other")` for another one, relative to it.
//! - The first test of a run builds, the others take what it built: those of one program, and under `cargo nextest`, where
//!   every test is a process, those of one run. Compiled code is kept in `$MPP_HOME/cache` (`~/.mpp/cache`), so that the next
//!   run starts at once.
//! - `MPP_TEST_MODE=native cargo test` runs the same tests in process, for debuggers and coverage: see [`Mode`].
//! - Calls are synchronous, and may be made inside of an async runtime, such as that of `#[tokio::test]`; where its threads are
//!   waited for, make them in `spawn_blocking`. [`Tool`] can be cloned into it.
//! - `dev = { dirs, env }` under `[package.metadata.mpp]` applies here too; [`ToolBuilder::dir`] and
//!   [`ToolBuilder::env`] come before it.
//! - A tool that declares `kv` starts with an empty state of its own, which is gone when the loaded tool is dropped;
//!   [`ToolBuilder::state_dir`] keeps it.
//! - [`ToolBuilder::http`], [`ToolBuilder::http_sequence`], [`ToolBuilder::http_fixture`] and [`ToolBuilder::http_record`] stand
//!   in for the network: no request leaves this machine unless the test says so, and one that nothing answers fails the test.
//!   [`ToolBuilder::kv`], [`ToolBuilder::file`] and [`ToolBuilder::temp_dir`] fill state and directories; [`Tool::kv`] and
//!   [`Tool::files`] look at them.
//! - [`ToolBuilder::fault`] makes one thing go wrong; [`faults::all`] makes a call under everything that can.
//! - Every assertion of [`Answer`] gives the answer back, so that they can be strung together, and on a mismatch shows
//!   the difference, the whole answer and the tool's log.
//!
//! Everything here panics with a message when it fails: it is made for tests.
#![forbid(unsafe_code)]

mod answer;
mod assertions;
mod builder;
mod changes;
mod clock;
mod definitions;
mod difference;
mod explain;
mod failure;
pub mod faults;
mod files;
mod fixtures;
pub mod http;
mod kv;
mod masks;
mod mock_http;
mod mode;
mod native;
mod package;
mod properties;
mod replay;
mod setting;
mod signed;
mod state;
mod stored;
pub mod tamper;
mod tool;
mod wording;
mod world;

pub use answer::Answer;
pub use builder::ToolBuilder;
pub use clock::Clock;
pub use faults::{Fault, FaultReport};
pub use files::{Files, FilesDiff};
pub use kv::{KvDiff, KvEntry, KvSnapshot, KvValue};
pub use mode::Mode;
/// What a call may use: see [`ToolBuilder::limits`].
pub use mpp_host::sandbox::CallLimits;
pub use properties::{Fuzz, FuzzSummary};
pub use replay::{DifferentCall, Recording, Replay, ReplayReport};
pub use signed::SignedPackage;
pub use tool::Tool;

/// The tool package whose test this is, or the one in a directory relative to it: `tool!("../other")`.
///
/// Gives a [`ToolBuilder`].
#[macro_export]
macro_rules! tool {
    () => {
        $crate::ToolBuilder::new(::std::env!("CARGO_MANIFEST_DIR"))
    };
    ($directory:expr) => {
        $crate::ToolBuilder::new(::std::path::Path::new(::std::env!("CARGO_MANIFEST_DIR")).join($directory))
    };
}
