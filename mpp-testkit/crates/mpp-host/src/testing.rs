//! Helpers for the tests of hosts and front ends: small signed packages (feature `testing`).

mod sample;

pub use sample::SamplePackage;
