//! Builds small projects with the real cargo, compiler and sandbox. No test uses the network.

mod advice;
mod building;
mod crashing;
mod failing;
mod finding;
mod modules;
mod reproducing;
mod sdk;
mod support;
