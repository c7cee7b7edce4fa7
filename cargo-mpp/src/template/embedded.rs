//! The files that are embedded in the program for `mpp new`. `build.rs` generates the list.
#![allow(clippy::type_complexity, reason = "tables that are generated and read once")]

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
