//! The program as its users meet it: transcripts, keys, packages that are wrong, calls, Ctrl-C.

mod arguments;
mod calls;
mod interrupts;
mod keys;
mod packages;
mod support;
mod transcripts;
mod trust;
