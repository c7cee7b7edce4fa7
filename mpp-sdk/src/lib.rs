//! What a tool links to become an MPP package.
extern crate self as mpp_sdk;

pub mod wire;
