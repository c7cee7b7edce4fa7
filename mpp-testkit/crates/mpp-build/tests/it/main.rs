//! Builds small projects with the real cargo, compiler and sandbox. No test uses the network.

mod advice;
mod blocked_crates;
mod building;
mod cargo_failures;
mod compiler_flags;
mod crashing;
mod failing;
mod finding;
mod modules;
mod reproducing;
mod sdk;
mod stack;
mod support;
mod unsupported;
