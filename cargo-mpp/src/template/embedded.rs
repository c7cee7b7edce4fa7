//! What the program carries for `new`; `build.rs` lists it from the checkout.
#![allow(clippy::type_complexity, reason = "tables that are generated and read once")]

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
