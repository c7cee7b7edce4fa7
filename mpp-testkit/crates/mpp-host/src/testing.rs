//! Helpers for the tests of hosts and front ends: small signed packages (feature `samples`).

mod sample;

pub use sample::SamplePackage;
