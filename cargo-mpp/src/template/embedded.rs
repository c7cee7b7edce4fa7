//! What the program carries for `new`; `build.rs` lists it from the checkout.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
