//! Helpers for the tests of hosts and front ends: small signed packages, and what help texts propose (feature `samples`).

mod cargo_line;
mod sample;

pub use cargo_line::CargoLine;
pub use sample::SamplePackage;
