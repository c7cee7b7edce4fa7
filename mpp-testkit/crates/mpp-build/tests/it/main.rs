//! Whole builds of small projects, with the real cargo, compiler and sandbox. Nothing here needs a network.

mod building;
mod crashing;
mod failing;
mod finding;
mod modules;
mod reproducing;
mod sdk;
mod support;
