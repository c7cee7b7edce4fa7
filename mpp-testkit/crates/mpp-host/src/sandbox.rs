//! The sandbox: runs a module once, in a fresh instance that has access only to what was granted.
//!
//! *Invariant:* no instance is used for two calls, and no two calls share memory.
//!
//! *Invariant:* a call never waits beyond its own end, whether for a sleep, a blocking file operation or earlier calls.

pub(crate) mod access_log;
pub(crate) mod cache;
mod call_thread;
pub(crate) mod cancel;
pub mod compile;
mod components;
pub(crate) mod denial;
pub(crate) mod effects;
pub(crate) mod engine;
pub(crate) mod failure;
pub(crate) mod filesystem;
// A test hook, which nothing reaches without the feature.
#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, dead_code, reason = "a hook of the feature `testing`"))]
pub(crate) mod full_disk;
pub(crate) mod guest;
mod guest_memory;
pub(crate) mod host_calls;
mod imports;
#[cfg(feature = "in-process")]
pub mod in_process;
pub mod kv;
mod limits;
mod logged_components;
mod logged_wasi;
pub mod network;
// A test hook, which nothing reaches without the feature.
#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, dead_code, reason = "a hook of the feature `testing`"))]
pub(crate) mod observe;
mod permits;
mod preview1;
pub(crate) mod program;
#[cfg(feature = "testing")]
mod randomness;
pub(crate) mod response;
pub(crate) mod run;
pub(crate) mod schema;
mod stack;
mod stdio;
mod stop;
mod supplied;
pub(crate) mod symbols;
mod ticker;
mod wasi;
mod wasi_http;

pub use cancel::CancelHandle;
pub use compile::{Compile, CompileError, DEFAULT_COMPILE_LIMIT, InThread, compile_to_bytes};
pub use filesystem::MappedPath;
#[cfg(feature = "testing")]
pub use full_disk::FullDisk;
pub use limits::CallLimits;
#[cfg(feature = "testing")]
pub use observe::{CallObserver, ObservedEntry, RandomSource, SystemRandom};
#[cfg(feature = "testing")]
pub use randomness::Randomness;
pub use schema::{Compiled, Contract, SchemaFault};
